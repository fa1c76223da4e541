/** A place in EventStoreDB's log. */
export interface LogPosition {
  readonly commit: bigint;
  readonly prepare: bigint;
}

const digits = 20; // an unsigned 64-bit number has no more, so that positions sort as text

/** A position as the opaque text of the port. */
export function encodePosition({ commit, prepare }: LogPosition): string {
  return `${String(commit).padStart(digits, "0")}:${String(prepare).padStart(digits, "0")}`;
}

/** The place that a text stands for. */
export function decodePosition(text: string): LogPosition {
  const [commit, prepare] = text.split(":");
  if (!/^\d+:\d+$/.test(text) || commit === undefined || prepare === undefined) {
    throw new TypeError(`"${text}" is no position of EventStoreDB`);
  }
  return { commit: BigInt(commit), prepare: BigInt(prepare) };
}
