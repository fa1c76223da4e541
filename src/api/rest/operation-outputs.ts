import { z } from "zod";

const text = z.string();
const count = z.number().int();
const figure = z.number().nullable();

/** Samples of an instance. */
export const samplesOut = z.strictObject({
  instance_id: text, from: text, to: text, interval_s: z.number(),
  metrics: z.array(z.strictObject({
    at: text, cpu_percent: figure, memory_bytes: figure, memory_limit_bytes: figure, network_rx_bytes: figure, network_tx_bytes: figure,
    healthy: z.boolean(), response_ms: figure,
  }).meta({ id: "Sample", description: "A measurement of an instance." })),
});

/** A fact of an instance's history. */
export const historyEventOut = z.strictObject({
  event_id: text, type: text, at: text, actor: text, description: text, revision: count, position: text, data: z.record(text, z.unknown()),
}).meta({ id: "HistoryEvent", description: "A fact of an instance's history." });

/** What an instance printed. */
export const logsOut = z.strictObject({
  instance_id: text, logs: z.array(z.strictObject({ at: text, stream: z.enum(["stdout", "stderr"]), text }).meta({ id: "LogLine", description: "A line of a container's output." })),
});

/** A key that nothing accepts any more. */
export const revokedOut = z.strictObject({ key_id: text, revoked: z.literal(true), message: text });

/** Container engines and how they are. */
export const enginesOut = z.strictObject({
  engines: z.array(z.strictObject({ name: text, ok: z.boolean(), version: text.optional(), detail: text.optional() }).meta({ id: "Engine", description: "A container engine." })), next_cursor: z.null(),
});

/** Connections to agents that speak ACP. */
export const connectionsOut = z.strictObject({
  connected_agents: z.array(text), total_connections: count,
  connections: z.array(z.strictObject({ instance_id: text, agent_id: text, connected_at: text.nullable() })),
});

/** A read model, where it stands and how far a rebuild of it is. */
const projectionOut = z.strictObject({
  name: text, version: count, position: text, status: text, parked: count.optional(), detail: text.optional(),
  collection: text.optional(), previous: text.nullable().optional(),
  progress: z.strictObject({ collection: text, events: count, events_per_second: z.number(), percent: z.number(), seconds_left: figure }).nullable().optional(),
}).meta({ id: "Projection", description: "A read model, where it stands and how far a rebuild of it is." });

/** Read models and the log that they follow. */
export const projectionsOut = z.strictObject({ projections: z.array(projectionOut), head: text, store_id: text, next_cursor: z.null() });

/** What was asked of a read model. */
export const askedOut = z.strictObject({ name: text, message: text });

const check = z.strictObject({ ok: z.boolean() });

/** Whether every store can be reached. */
export const readyOut = z.strictObject({
  status: z.enum(["ready", "unavailable"]), version: text, checks: z.strictObject({ event_store: check, read_models: check, system_store: check }),
}).meta({ id: "Readiness", description: "Whether every store can be reached." });

/** Whether the process lives. */
export const aliveOut = z.strictObject({ status: z.literal("alive") });

/** What a problem type means. */
export const problemTypeOut = z.strictObject({ type: text, title: text, status: count, remedy: text });

/** Read models that are built anew because events of theirs are folded once more. */
export const replayOut = z.strictObject({ projections: z.array(text) });

/** The collection that was removed. */
export const droppedOut = z.strictObject({ name: text, dropped: text });

const parkedEvent = z.looseObject({
  projection: text, position: text, stream: text, revision: count, type: text, event_id: text, reason: text,
}).meta({ id: "ParkedEvent", description: "An event that a read model had to pass over." });

/** Events that read models had to pass over. */
export const parkedOut = z.strictObject({ parked: z.array(parkedEvent), next_cursor: z.null() });

const file = z.strictObject({ bytes: count, sha256: text });

/** A backup that was made, and where. */
export const backupOut = z.strictObject({
  format: z.literal("agenthub-backup"), version: z.literal(1), product: text, created_at: text, store_id: text,
  files: z.strictObject({ "events.db": file, "system.db": file, "credentials.json": file }), directory: text,
}).meta({ id: "Backup", description: "A backup that was made, and where." });
