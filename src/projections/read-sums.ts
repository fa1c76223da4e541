import type { Projection } from "./projection.ts";
import type { Read, Reader } from "./reader.ts";
import type { SumDocument } from "./sums.ts";

const several = 500;

/** The sums that exist, in no order. */
export const readSums = (reader: Reader, of: Projection, ids: readonly string[]): Promise<Read<SumDocument>[]> =>
  reader.getMany(of as unknown as Projection<SumDocument>, ids);

/** The ids of the documents that a sum does not hold, some at a time. */
export function* openIn({ figures }: SumDocument): Generator<string[]> {
  const ids = Object.keys(figures["open"] ?? {});
  for (let from = 0; from < ids.length; from += several) yield ids.slice(from, from + several);
}
