/** Settings by their environment names. */
export type Environment = Readonly<Record<string, string | undefined>>;
