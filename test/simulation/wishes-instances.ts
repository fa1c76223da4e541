import type { KnownInstance, Report } from "./books.ts";
import type { Wish } from "./clients.ts";
import type { Errand } from "./scene.ts";
import type { Makings } from "./wishes.ts";

const some = ({ random, books }: Makings): KnownInstance | undefined => random.pick([...books.instances.values()].slice(-12));

/** A customer wants an instance. */
export function create(makings: Makings): Wish | null {
  const { random, books } = makings;
  const agent = random.pick([...books.agents.values()]);
  const customer = random.pick(makings.customers) ?? "";
  if (agent === undefined) return null;
  const environment = agent.kind === "docker" && random.chance(0.3) ? { MODEL: "large" } : undefined;
  const waits = random.chance(0.5);
  const key = makings.key();
  return {
    label: `instance of ${agent.name}`, account: customer, key,
    async attempt({ services: { instances } }, request) {
      const wish = { agent_id: agent.agent_id, customer: { account_id: customer, currency: "USD" }, instance_config: { environment, labels: {} } };
      const written = await instances.create(wish, request);
      const instance_id = written.state.request?.instance_id ?? "";
      books.acknowledge(request.command_id, instance_id, written.changed);
      books.sameAnswer(key, instance_id);
      books.created.add(instance_id);
      books.instances.set(instance_id, { instance_id, agent, customer });
      return waits ? `${instance_id} ${(await instances.settled(instance_id, 30_000)).state.status}` : `${instance_id} ${written.state.status}`;
    },
  };
}

/** A customer pauses, resumes or ends an instance. */
export const intend = (verb: "pause" | "resume" | "terminate") => (makings: Makings): Wish | null => {
  const { random, books } = makings;
  const known = some(makings);
  if (known === undefined) return null;
  const { instance_id, customer } = known;
  const waits = random.chance(0.5);
  const key = makings.key();
  return {
    label: `${verb} ${instance_id.slice(-6)}`, account: customer, key,
    async attempt({ services: { instances } }, request) {
      const written = verb === "terminate" ? await instances.terminate(instance_id, "requested", request) : await instances[verb](instance_id, request);
      books.acknowledge(request.command_id, `${verb} of ${instance_id}`, written.changed);
      return waits ? (await instances.settled(instance_id, 30_000)).state.status : written.state.status;
    },
  };
};

/** A customer has a task done. */
export function execute(makings: Makings): Wish | null {
  const { random, books } = makings;
  const known = some(makings);
  if (known === undefined) return null;
  const does = random.weighted<Errand["does"]>({ answer: 8, fail: 1, hang: 1, ignore: 1 });
  const errand: Errand = { does, ms: random.chance(0.5) ? 0 : random.int(1, 40_000) };
  const timeout_s = random.chance(0.9) ? random.int(1, 60) : random.int(300, 3_600);
  const key = makings.key();
  return {
    label: `task (${does} ${errand.ms} ms, at most ${timeout_s} s) on ${known.instance_id.slice(-6)}`, account: known.customer, key,
    async attempt({ services: { tasks } }, request) {
      const { task_id, finished } = await tasks.start(known.instance_id, { endpoint: "/run", parameters: errand, timeout_s }, request);
      books.admitted.add(task_id);
      books.sameAnswer(key, task_id);
      books.tasks.push({ task_id, instance: known });
      const { view } = await finished;
      books.ended(view);
      return `${task_id} ${view.status}`;
    },
  };
}

/** A customer cancels a task. */
export function cancel(makings: Makings): Wish | null {
  const task = makings.random.pick(makings.books.tasks.slice(-6));
  if (task === undefined) return null;
  return {
    label: `cancels ${task.task_id}`, account: task.instance.customer,
    async attempt({ services: { tasks } }, request) {
      await tasks.cancel(task.task_id, task.instance.instance_id, request);
      return "told so";
    },
  };
}

function send({ books }: Makings, report: Report): Wish {
  const { instance, source, id, time, meter, quantity } = report;
  books.sent.push(report);
  if (books.sent.length > 30) books.sent.shift();
  const item = { specversion: "1.0", id, source, type: "agenthub.usage", time, data: { instance_id: instance.instance_id, meter, quantity } };
  return {
    label: `reports ${quantity} ${meter} ${id} at ${time} of ${instance.instance_id.slice(-6)}`, account: instance.agent.publisher,
    async attempt(process) {
      const { outcome } = await process.usage(instance.agent.publisher).record(item);
      books.accepted(report);
      return outcome;
    },
  };
}

/** A publisher reports usage that AgentHub did not see. */
export function report(makings: Makings): Wish | null {
  const { random, scene } = makings;
  const known = some(makings);
  if (known === undefined) return null;
  const time = new Date(scene.clock.now() - (random.chance(0.7) ? random.int(0, 10_000) : random.int(0, 1_800_000))).toISOString();
  const quantity = random.one(["1", "2.5", "0.000000000001", "1000000", "0"]);
  const id = random.chance(0.9) ? `report-${random.int(1, 1_000_000_000)}` : `report-${random.int(1, 3)}`;
  return send(makings, { instance: known, source: random.one(["meter-a", "meter-b"]), id, time, meter: random.one(["requests", "requests", "tokens"]), quantity });
}

/** The same report comes again, or another one with its identity. */
export function reportAgain(makings: Makings): Wish | null {
  const { random, books, scene } = makings;
  const before = random.chance(0.3) ? books.sent.at(-1) : random.pick(books.sent);
  if (before === undefined) return null;
  const changes = random.weighted({ nothing: 4, quantity: 1, time: 2 });
  if (changes === "nothing") return send(makings, before);
  if (changes === "quantity") return send(makings, { ...before, quantity: "7" });
  return send(makings, { ...before, time: new Date(Math.min(scene.clock.now(), Date.parse(before.time) + random.int(-3_600_000, 3_600_000))).toISOString() });
}
