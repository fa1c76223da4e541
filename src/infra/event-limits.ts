import { AppendTooLarge } from "#commands/ports.ts";

const maxEvents = 1_000;
const maxBytes = 900_000;

/** One event as the text that a store writes. */
export interface EncodedEvent {
  readonly id: string;
  readonly type: string;
  readonly data: string;
  readonly metadata: string;
}

/** Refuses what the smallest of the supported stores would refuse, so that every store takes the same appends. */
export function checkAppendSize(stream: string, events: readonly EncodedEvent[]): void {
  if (events.length > maxEvents) {
    throw new AppendTooLarge(`${events.length} events for ${stream} in one append; at most ${maxEvents} fit`);
  }
  const bytes = events.reduce((sum, event) => sum + sizeOf(event), 0);
  if (bytes > maxBytes) throw new AppendTooLarge(`${bytes} bytes for ${stream} in one append; at most ${maxBytes} fit`);
}

function sizeOf({ type, data, metadata }: EncodedEvent): number {
  return Buffer.byteLength(type) + Buffer.byteLength(data) + Buffer.byteLength(metadata);
}
