/** The operator's log. */
export interface Log {
  info(words: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(words: string, fields?: Readonly<Record<string, unknown>>): void;
  error(words: string, fields?: Readonly<Record<string, unknown>>): void;
}
