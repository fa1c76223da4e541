import type { AllStreamResolvedEvent, ResolvedEvent } from "@eventstore/db-client";
import type { EventMetadata, StoredEvent } from "#domain/kernel/event.ts";
import { encodePosition } from "./positions.ts";

/** Holds the store's identity; never shown to readers. */
export const storeStream = "system-store";

type Resolved = ResolvedEvent | AllStreamResolvedEvent;

/** The event as the port gives it; nothing for the server's own events, unresolved links and the store's identity. */
export function toStoredEvent({ event }: Resolved): StoredEvent | undefined {
  if (!event?.isJson || !event.position) return undefined;
  const { id, type, streamId, revision, data, metadata, position } = event;
  if (type.startsWith("$") || streamId.startsWith("$") || streamId === storeStream) return undefined;
  return {
    id, type, data,
    stream: streamId,
    revision: Number(revision),
    position: encodePosition(position),
    metadata: metadata as unknown as EventMetadata,
  };
}

/** Where a record of the log lies, whether it is shown or not. */
export function recordPosition({ event, link }: Resolved): string | undefined {
  const position = (link ?? event)?.position;
  return position && encodePosition(position);
}
