import { emptyMeter, measure } from "#domain/billing/meter.ts";
import { instance } from "#domain/instance/instance.ts";
import type { InstanceRequest } from "#domain/instance/events.ts";
import { instanceEvents } from "#domain/instance/events.ts";
import { isOver, isTransition } from "#domain/instance/transitions.ts";
import type { InstanceDocument } from "./instance-document.ts";
import { instanceSums } from "./instance-sums.ts";
import { addOutcome, followHealth } from "./performance.ts";
import { each, type Fact, instanceOf, projection } from "./projection.ts";
import { token } from "./search.ts";

export type { InstanceDocument };

type InstanceFact = Fact<ReturnType<(typeof instanceEvents)[number]>["type"]>;
type TaskFact = Fact<"TaskAdmitted" | "TaskSucceeded" | "TaskFailed" | "TaskTimedOut" | "TaskCancelled" | "TaskLost">;

// A task that is open when its instance ends may have lost its executor: somebody has to look until it has ended too.
const isLive = ({ state, slot, tasks }: InstanceDocument): boolean => !isOver(state.status) || slot || tasks.running > 0;

const looked = (document: InstanceDocument): InstanceDocument => ({ ...document, live: isLive(document) });

function indexed(document: InstanceDocument): InstanceDocument {
  const { request, state } = document;
  const labels = Object.entries(request.config.labels).map(([name, value]) => `label:${name}=${value}`);
  return {
    ...document, status: state.status, changed_at: state.since, live: isLive(document),
    tokens: [token("status", state.status), token("agent", request.agent_id), token("engine", request.engine), ...labels],
  };
}

function heartbeat(document: InstanceDocument, event: InstanceFact): string | null {
  switch (event.type) {
    case "InstanceStarted": case "InstanceResumed": case "InstanceRestarted": case "HealthRecovered": return event.metadata.recorded_at;
    case "HealthDegraded": return event.data.last_heartbeat ?? document.last_heartbeat;
    case "InstanceExited": case "InstanceFailed": {
      const until = event.data.ran_until;
      return document.open !== null && (document.last_heartbeat ?? "") < until ? until : document.last_heartbeat;
    }
    default: return document.last_heartbeat;
  }
}

function live(document: InstanceDocument, event: InstanceFact): InstanceDocument {
  const { request: _pinned, ...state } = instance.evolve({ ...document.state, request: document.request }, event);
  const moved = {
    ...document, state, meter: measure(document.meter, event), last_heartbeat: heartbeat(document, event),
    ...followHealth(document.days, document.open, event),
  };
  return isTransition(event.type) ? indexed(moved) : moved;
}

const field = {
  TaskSucceeded: "completed", TaskFailed: "failed", TaskTimedOut: "timed_out", TaskCancelled: "cancelled", TaskLost: "lost",
} as const;

function count(document: InstanceDocument, event: TaskFact): InstanceDocument {
  const { tasks } = document;
  if (event.type === "TaskAdmitted") return looked({ ...document, tasks: { ...tasks, running: tasks.running + 1 } });
  const ended = field[event.type];
  return looked({
    ...document, meter: measure(document.meter, event), days: addOutcome(document.days, event),
    tasks: { ...tasks, running: tasks.running - 1, [ended]: tasks[ended] + 1 },
  });
}

/** A document that knows of its request alone. */
export function newInstance(data: InstanceRequest, at: string): InstanceDocument {
  const { request: _pinned, ...state } = instance.initial();
  return {
    instance_id: data.instance_id, customer_id: data.customer_id, publisher_id: data.publisher_id, agent_id: data.agent_id,
    status: "none", created_at: at, changed_at: at, live: true, slot: false,
    request: data, state, meter: emptyMeter,
    tasks: { running: 0, completed: 0, failed: 0, timed_out: 0, cancelled: 0, lost: 0 },
    days: {}, open: null, last_heartbeat: null, tokens: [],
  };
}

/** Instances by id, and their sums. Tokens: `status:`, `agent:`, `engine:` and `label:<name>=<value>`. */
export const instances = projection<InstanceDocument>({
  name: "instances",
  version: 2,
  indexes: [
    { name: "by_customer", equals: ["customer_id"], sort: "created_at", tokens: true },
    { name: "by_customer_changed", equals: ["customer_id"], sort: "changed_at" },
    { name: "by_publisher", equals: ["publisher_id"], sort: "created_at", tokens: true },
    { name: "by_agent", equals: ["agent_id"], sort: "created_at", tokens: true },
    { name: "all", equals: [], sort: "created_at", tokens: true },
    { name: "live", equals: ["live"], sort: "created_at" },
  ],
  key: instanceOf,
  start: { InstanceRequested: ({ data, metadata }) => newInstance(data, metadata.recorded_at) },
  on: {
    ...each(instanceEvents.map((event) => event.type), live),
    ...each(["TaskAdmitted", "TaskSucceeded", "TaskFailed", "TaskTimedOut", "TaskCancelled", "TaskLost"], count),
    UsageRecorded: (document, event) => ({ ...document, meter: measure(document.meter, event) }),
    SlotReserved: (document) => indexed({ ...document, slot: true }),
    SlotReleased: (document) => indexed({ ...document, slot: false }),
  },
  sums: instanceSums,
});
