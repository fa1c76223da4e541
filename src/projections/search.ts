const most = 200;
const leastPrefix = 3;

/** The words of a text, lower case, each once. */
function wordsOf(text: string): string[] {
  const words = text.normalize("NFKC").toLowerCase().split(/[^\p{L}\p{N}]+/u).filter((word) => word !== "");
  return [...new Set(words)];
}

/** The tokens that a document must have to match what somebody typed: all of its words. */
export const searchTokens = (query: string): string[] => wordsOf(query).slice(0, 20).map((word) => `word:${word}`);

/** Tokens of texts; words of the first text are also found by their beginnings. */
export function textTokens(name: string, ...others: readonly string[]): string[] {
  const words = new Set<string>();
  for (const word of wordsOf(name)) {
    words.add(word);
    for (let length = leastPrefix; length < Math.min(word.length, 30); length++) words.add(word.slice(0, length));
  }
  for (const text of others) for (const word of wordsOf(text)) words.add(word);
  return [...words].slice(0, most).map((word) => `word:${word}`);
}

/** A token of a named property, compared without case. */
export const token = (name: string, value: string): string => `${name}:${value.normalize("NFKC").toLowerCase()}`;
