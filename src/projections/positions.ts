/** The first of positions in the log's order; empty when there are none. */
export const least = (positions: readonly string[]): string =>
  positions.reduce((first, position) => (position < first ? position : first), positions[0] ?? "");
