// The standard library's types do not have these two yet.
const json = JSON as unknown as {
  rawJSON(text: string): unknown;
  parse(text: string, reviver: (key: string, value: unknown, context: { source?: string }) => unknown): unknown;
};

/** An amount exactly as the server wrote it. It prints as its text and is a plain number in JSON; it never passes through a float. */
export class Amount {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toString(): string {
    return this.text;
  }

  toJSON(): unknown {
    return json.rawJSON(this.text);
  }
}

const isAmount = (name: string): boolean => /(^|_)(cost|price|amount|revenue|charge)$|^(price|rate)_per_/.test(name);

/** Parses JSON keeping the source text of amounts, and of every number that a float would write otherwise. */
export function parseJson(text: string): unknown {
  return json.parse(text, (key, value, { source }) =>
    typeof value === "number" && source !== undefined && (isAmount(key) || String(value) !== source) ? new Amount(source) : value);
}
