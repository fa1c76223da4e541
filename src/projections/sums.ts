import type { ReadModels, StoredDocument, WriteOperation } from "./ports.ts";

/** Whole numbers by group and name, such as `2026-11` and `total`. */
export type Figures = Readonly<Record<string, Readonly<Record<string, bigint>>>>;

/** What a document adds to one sum. */
export interface Share {
  /** The id of the sum's document. */
  readonly to: string;
  /** What the sum is of; its first share decides. */
  readonly about: Readonly<Record<string, string>>;
  readonly figures: Figures;
}

/**
 * Sums over a projection's documents, in documents of their own beside them. A document whose figures no longer move by themselves
 * adds them; any other adds its name to the group `open`, so that whoever reads a sum knows exactly which documents are not in it.
 */
export interface Sums<D> {
  /** Whether the shares may differ. It spares the work: of nearly every event they do not. */
  differ(before: D, after: D): boolean;
  shares(document: D): readonly Share[];
}

/** A sum as it is stored; its figures are whole numbers in decimal digits. */
export interface SumDocument {
  readonly about: Readonly<Record<string, string>>;
  readonly figures: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** A difference that an event made to a sum. */
export interface Change extends Share {
  readonly position: string;
}

/** Figures that grow; what comes to nothing is not there. */
export class Tally {
  readonly #groups = new Map<string, Map<string, bigint>>();

  /** Adds figures, or takes them away. */
  add(figures: Figures | SumDocument["figures"], sign: 1n | -1n = 1n): this {
    for (const [group, names] of Object.entries(figures)) {
      const sums = this.#groups.get(group) ?? new Map<string, bigint>();
      this.#groups.set(group, sums);
      for (const [name, figure] of Object.entries<bigint | string>(names)) {
        const sum = (sums.get(name) ?? 0n) + sign * BigInt(figure);
        if (sum === 0n) sums.delete(name);
        else sums.set(name, sum);
      }
      if (sums.size === 0) this.#groups.delete(group);
    }
    return this;
  }

  /** One figure. */
  of(group: string, name: string): bigint {
    return this.#groups.get(group)?.get(name) ?? 0n;
  }

  /** The groups in order. */
  get groups(): string[] {
    return [...this.#groups.keys()].toSorted();
  }

  /** All figures, in order. */
  get figures(): Figures {
    const named = (names: Map<string, bigint>) => Object.fromEntries([...names].toSorted(([a], [b]) => (a < b ? -1 : 1)));
    return Object.fromEntries(this.groups.map((group) => [group, named(this.#groups.get(group) ?? new Map())]));
  }
}

/** What an event changed in the sums by making one document of another. */
export function changesOf<D>(sums: Sums<D> | undefined, before: D | null, after: D, position: string): Change[] {
  if (sums === undefined || (before !== null && !sums.differ(before, after))) return [];
  const found = new Map<string, { readonly about: Share["about"]; readonly tally: Tally }>();
  const add = (shares: readonly Share[], sign: 1n | -1n) => {
    for (const { to, about, figures } of shares) {
      const entry = found.get(to) ?? { about, tally: new Tally() };
      found.set(to, entry);
      entry.tally.add(figures, sign);
    }
  };
  add(sums.shares(after), 1n);
  if (before !== null) add(sums.shares(before), -1n);
  return [...found].filter(([, { tally }]) => tally.groups.length > 0).map(([to, { about, tally }]) => ({ to, about, figures: tally.figures, position }));
}

function grown(id: string, stored: StoredDocument | null, changes: readonly Change[]): WriteOperation | null {
  const newer = changes.filter(({ position }) => position > (stored?._v ?? "")).toSorted((a, b) => (a.position < b.position ? -1 : 1));
  const [first, last] = [newer[0], newer.at(-1)];
  if (first === undefined || last === undefined) return null;
  const known = stored as unknown as SumDocument | null;
  const tally = new Tally().add(known?.figures ?? {});
  for (const { figures } of newer) tally.add(figures);
  const figures = Object.fromEntries(Object.entries(tally.figures).map(([group, names]) =>
    [group, Object.fromEntries(Object.entries(names).map(([name, figure]) => [name, String(figure)]))]));
  return { document: { _id: id, _v: last.position, about: known?.about ?? first.about, figures }, expected: stored?._v ?? null };
}

const maxAttempts = 10;

/**
 * Adds changes to the sums, each once: a sum knows the position it is at. Must be done before the documents that changed are written:
 * after a crash between the two, the documents tell the same changes again, and the sums know them.
 */
export async function addToSums(models: ReadModels, collection: string, changes: readonly Change[]): Promise<void> {
  const bySum = Map.groupBy(changes, ({ to }) => to);
  let pending = [...bySum.keys()];
  for (let attempt = 0; pending.length > 0; attempt++) {
    if (attempt === maxAttempts) throw new Error(`${collection}: ${pending.length} sums keep changing under the projector`);
    const stored = new Map((await models.getMany(collection, pending)).map((document) => [document._id, document]));
    const operations = pending.flatMap((id) => grown(id, stored.get(id) ?? null, bySum.get(id) ?? []) ?? []);
    pending = operations.length === 0 ? [] : await models.write(collection, operations);
  }
}
