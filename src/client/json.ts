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

  /** Of millionths, with two to six decimals as the server writes them. */
  static ofMicros(micros: string): Amount {
    const digits = micros.replace("-", "").padStart(7, "0");
    return new Amount(`${micros.startsWith("-") ? "-" : ""}${digits.slice(0, -6)}.${digits.slice(-6).replace(/0{1,4}$/, "")}`);
  }

  /** Of the number that a parser made of an amount; null where a float may have lost some of its digits. */
  static ofNumber(value: number): Amount | null {
    const short = String(value);
    const text = short.includes("e") ? value.toFixed(12).replace(/0+$/, "") : short;
    const [whole = "", part = ""] = text.split(".");
    return Math.abs(value) < 1e15 && whole.length + part.length <= 15 ? new Amount(`${whole}.${part.padEnd(2, "0")}`) : null;
  }

  toString(): string {
    return this.text;
  }

  toJSON(): unknown {
    return json.rawJSON(this.text);
  }
}

const isAmount = (name: string): boolean => /(^|_)(cost|price|amount|revenue|charge|quantity)$|^(price|rate)_per_/.test(name);

/** Parses JSON keeping the source text of amounts, and of every number that a float would write otherwise. */
export function parseJson(text: string): unknown {
  return json.parse(text, (key, value, { source }) =>
    typeof value === "number" && source !== undefined && (isAmount(key) || String(value) !== source) ? new Amount(source) : value);
}

/** What a socket's own parser read, with its amounts: exact at any size where their millionths stand beside them, else below what a float holds. */
export function exactAmounts(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(exactAmounts);
  if (typeof value !== "object" || value === null) return value;
  const members = value as Readonly<Record<string, unknown>>;
  return Object.fromEntries(Object.entries(members).map(([name, inner]) => {
    const micros = members[`${name}_micros`];
    if (typeof inner !== "number") return [name, exactAmounts(inner)];
    return [name, typeof micros === "string" ? Amount.ofMicros(micros) : (isAmount(name) ? Amount.ofNumber(inner) : null) ?? inner];
  }));
}
