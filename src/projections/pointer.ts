import { collectionName, type Projection, versionOf } from "./projection.ts";
import type { ReadModels, StoredDocument } from "./ports.ts";

/** Where the pointers to the live collections are. */
export const pointers = "projections";

/** Names the collection that a projection's readers use, whatever version they know: a version only adds to documents. */
export interface Pointer extends StoredDocument {
  /** Of the live collection. */
  readonly version: number;
  readonly live: string;
  /** What was live before; kept for readers that had just resolved it, and to go back to. */
  readonly previous: string | null;
  /** What is being built to be live next: whoever takes an attempt up that broke off trusts what is in it. */
  readonly next?: string | null | undefined;
}

/** Whether a pointer names a collection: what it names is in use, or may be gone back or on to. */
export const isNamed = ({ live, previous, next }: Pointer, collection: string): boolean => [live, previous, next].includes(collection);

/** A projection's pointer; null before anybody has projected it. */
export const pointerOf = async (models: ReadModels, name: string): Promise<Pointer | null> => (await models.get(pointers, name)) as Pointer | null;

/** The collection that holds a projection's documents now. */
export const liveCollection = async (models: ReadModels, of: Projection): Promise<string> =>
  (await pointerOf(models, of.name))?.live ?? collectionName(of);

// False when another projector changed it meanwhile.
async function change(models: ReadModels, from: Pointer, to: Partial<Pick<Pointer, "version" | "live" | "previous" | "next">>): Promise<boolean> {
  const document = { ...from, ...to, _v: String(Number(from._v) + 1) };
  return (await models.write(pointers, [{ document, expected: from._v }])).length === 0;
}

// Collections of a release that knew no pointers.
async function versionThere(models: ReadModels, { name, version: newest }: Projection): Promise<number> {
  for (let version = newest; version > 0; version -= 1)
    if ((await models.checkpoint(collectionName({ name, version }))) !== null) return version;
  return newest;
}

/** The pointer of a projection. The first projector sets it: to what is there already, or else to its own collection. */
export async function establish(models: ReadModels, of: Projection): Promise<Pointer> {
  for (;;) {
    const pointer = await pointerOf(models, of.name);
    if (pointer !== null) return pointer;
    const version = await versionThere(models, of);
    const document = { _id: of.name, _v: "1", version, live: collectionName({ name: of.name, version }), previous: null, next: null };
    await models.write(pointers, [{ document, expected: null }]);
  }
}

const ofVersion = (of: Projection, names: readonly (string | null | undefined)[]): string[] =>
  names.filter((name): name is string => typeof name === "string" && versionOf(name) === of.version);

/** The collection of a version that is filled to take the place of another version's; null when there is none. */
export const fillingOf = (of: Projection, pointer: Pointer | null): string | null =>
  (pointer === null || pointer.version === of.version ? null : ofVersion(of, [pointer.next])[0] ?? null);

/** A collection to build beside the live one, and whether what is in it is kept. */
export interface Plan {
  readonly collection: string;
  readonly kept: boolean;
}

/** Plans a collection that is built anew, or goes on where an attempt broke off. What was live before makes room for it. */
export async function planNext(models: ReadModels, of: Projection, resume: boolean): Promise<Plan> {
  const base = collectionName(of);
  for (;;) {
    const pointer = await establish(models, of);
    const { live, previous, next } = pointer;
    const [begun] = ofVersion(of, [next]);
    if (resume && begun !== undefined) return { collection: begun, kept: true };
    const numbers = ofVersion(of, [live, previous]).map((name) => Number(name.slice(base.length + 1) || "0"));
    const collection = numbers.length === 0 ? base : `${base}_${Math.max(...numbers) + 1}`;
    // First the pointer: a name that nothing is behind must not be there to be switched to.
    if (!(await change(models, pointer, { previous: null, next: collection }))) continue;
    if (previous !== null) await models.drop(previous);
    return { collection, kept: false };
  }
}

/** Plans the collection of a version that is not the live one: an attempt that broke off, what was live before, or a new one. */
export async function planVersion(models: ReadModels, of: Projection): Promise<Plan> {
  for (;;) {
    const pointer = await establish(models, of);
    const [before] = ofVersion(of, [pointer.next, pointer.previous]);
    if (before === undefined) return await planNext(models, of, true);
    if (before === pointer.next || await change(models, pointer, { next: before })) return { collection: before, kept: true };
  }
}

/** Lets readers change over to a collection, if the pointer is still as it was; what was live is kept, and what was before that goes. */
export async function pointTo(models: ReadModels, from: Pointer, of: Projection, collection: string): Promise<boolean> {
  const { live, previous, next } = from;
  if (!(await change(models, from, { version: of.version, live: collection, previous: live, next: next === collection ? null : next ?? null }))) return false;
  if (previous !== null && previous !== collection && previous !== live) await models.drop(previous);
  return true;
}

/** Removes the collection that was live before: its readers are long gone. Answers its name, or null when there is none or it is in use. */
export async function dropPrevious(models: ReadModels, of: Projection): Promise<string | null> {
  const pointer = await pointerOf(models, of.name);
  const previous = pointer?.previous ?? null;
  if (pointer === null || previous === null || previous === pointer.live || previous === pointer.next) return null;
  if (!(await change(models, pointer, { previous: null }))) return null;
  await models.drop(previous);
  return previous;
}
