import type { AllStreamResolvedEvent, ResolvedEvent } from "@eventstore/db-client";
import type { EventMetadata, StoredEvent } from "#domain/kernel/event.ts";
import { encodePosition } from "./positions.ts";

/** Holds the store's identity; never shown to readers. */
export const storeStream = "system-store";

type Resolved = ResolvedEvent | AllStreamResolvedEvent;

/**
 * The event as the port gives it; nothing for the server's own events, links, the store's identity, and what other
 * applications write to the same server: theirs lack the metadata without which nothing here is ever appended.
 */
export function toStoredEvent({ event }: Resolved): StoredEvent | undefined {
  if (!event?.isJson || !event.position) return undefined;
  const { id, type, streamId, revision, data, metadata, position } = event;
  if (type.startsWith("$") || streamId.startsWith("$") || streamId === storeStream || !isOurs(metadata)) return undefined;
  return { id, type, data, stream: streamId, revision: Number(revision), position: encodePosition(position), metadata };
}

function isOurs(metadata: unknown): metadata is EventMetadata {
  const { schema_version, recorded_at, command_id } = (metadata ?? {}) as Partial<EventMetadata>;
  return typeof schema_version === "number" && typeof recorded_at === "string" && typeof command_id === "string";
}

/** Where a record of the log lies, whether it is shown or not. */
export function recordPosition({ event, link }: Resolved): string | undefined {
  const position = (link ?? event)?.position;
  return position && encodePosition(position);
}
