import type { Clock, EventStore } from "#commands/ports.ts";
import { fromMillis } from "#domain/kernel/time.ts";
import { seal } from "#infra/secrets/seal.ts";
import type { SystemStore } from "#reactions/ports.ts";
import { LineHash } from "./format.ts";

/** What an export is made from. */
export interface ExportParts {
  readonly events: EventStore;
  readonly system: SystemStore;
  readonly clock: Clock;
  /** Seals the system store's entries; derived from the installation's secret key. */
  readonly key: Buffer;
}

/** Kinds of entries that move: a lease or a mark of this very machine does not. */
const movedKinds = ["secret", "task-result", "installation", "proof"] as const;

const pageSize = 500;

/** Up to where the log was at the beginning: what is written meanwhile must not keep an export from ending. */
async function* eventsOf(store: EventStore): AsyncGenerator<object> {
  const [newest] = await store.readAll({ direction: "backwards", max: 1 });
  for (let from = ""; newest !== undefined && from < newest.position;) {
    const page = await store.readAll({ from, max: pageSize });
    for (const { id, type, stream, data, metadata, position } of page) if (position <= newest.position) yield { event: { id, type, stream, data, metadata } };
    from = page.at(-1)?.position ?? newest.position;
  }
}

async function* entriesOf({ system, key }: ExportParts): AsyncGenerator<object> {
  for (const kind of movedKinds)
    for (let after = ""; ;) {
      const page = await system.list(kind, after, pageSize);
      for (const entry of page) yield { system: seal(key, "export", Buffer.from(JSON.stringify({ kind, ...entry }))) };
      const last = page.at(-1);
      if (last === undefined) break;
      after = last.key;
    }
}

/** Everything that an installation is, line by line: its events in the order of the log, its system store sealed, a count and a hash. */
export async function* exportLines(parts: ExportParts): AsyncGenerator<string> {
  const hash = new LineHash();
  const text = (value: object): string => {
    const written = JSON.stringify(value);
    hash.add(written);
    return written;
  };
  yield text({ format: "agenthub-export", version: 1, created_at: fromMillis(parts.clock.now()), store_id: parts.events.storeId });
  let [events, system] = [0, 0];
  for await (const event of eventsOf(parts.events)) { events += 1; yield text(event); }
  for await (const entry of entriesOf(parts)) { system += 1; yield text(entry); }
  yield JSON.stringify({ events, system, sha256: hash.value() });
}
