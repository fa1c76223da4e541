const wordsOf = (text) => text.toLowerCase().match(/\p{L}{4,}/gu) ?? [];

/** The sentences whose words are most frequent in the whole text, in the order in which they stand there. */
export function summarize({ text, sentences = 2 } = {}) {
  if (typeof text !== "string" || text.trim() === "") throw new TypeError("text must be a string that is not empty");
  if (!Number.isInteger(sentences) || sentences < 1 || sentences > 50) throw new TypeError("sentences must be a whole number from 1 to 50");
  const all = (text.match(/[^.!?]+[.!?]*/g) ?? []).map((sentence) => sentence.trim()).filter((sentence) => sentence !== "");
  const frequency = new Map();
  for (const word of wordsOf(text)) frequency.set(word, (frequency.get(word) ?? 0) + 1);
  const score = (sentence) => {
    const words = wordsOf(sentence);
    return words.length === 0 ? 0 : words.reduce((sum, word) => sum + frequency.get(word), 0) / Math.sqrt(words.length);
  };
  const chosen = all.map((sentence, at) => ({ sentence, at, score: score(sentence) }))
    .sort((a, b) => b.score - a.score || a.at - b.at).slice(0, sentences).sort((a, b) => a.at - b.at);
  return { summary: chosen.map(({ sentence }) => sentence).join(" "), sentences: chosen.length, of: all.length };
}
