import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import type { TestApp } from "#test/support/app.ts";
import { startTwins, type Twins } from "#test/support/twins.ts";

const hour = 3_600_000;
const many = 40;
let twins: Twins;
let agent: string;

beforeAll(async () => {
  twins = await startTwins();
  agent = await twins.apps[0].registerAgent({ limits: { max_instances: 10 } });
});
afterAll(async () => { await twins.close(); });

const numbers = Array.from({ length: many }, (_, number) => number);
const billed = async (instance: string, cursors: (string | null)[]) => {
  const cursor = cursors.reduce<string>((newest, one) => (one !== null && one > newest ? one : newest), "");
  const { body } = await twins.apps[0].call("GET", `/billing/instances/${instance}`, { headers: { "agenthub-min-cursor": cursor } });
  return body.requests as number;
};
const agrees = async () => (await twins.apps[0].call("GET", "/billing/audit", { as: "operator" })).body.agrees as boolean;

describe("two processes", () => {
  it("that take in one usage report with times on two days count it once", async () => {
    const instance = await twins.apps[0].createInstance(agent);
    const start = twins.clocks[0].now();
    for (const clock of twins.clocks) clock.pass(72);
    const report = (id: string, at: number) =>
      ({ specversion: "1.0", id, source: "meter", type: "usage", time: new Date(at).toISOString(), data: { instance_id: instance, meter: "requests", quantity: 1 } });
    const sent = await Promise.all(numbers.flatMap((number) => twins.apps.map(({ call }, day) =>
      call("POST", "/usage/events", { as: "publisher", body: report(`report-${number}`, start + (1 + 24 * day) * hour) }))));
    expect(sent.filter(({ status }) => status === 200)).toHaveLength(many);
    expect(sent.filter(({ body }) => body.type === "/problems/usage-conflict")).toHaveLength(many);
    expect(await billed(instance, sent.map(({ headers }) => headers.get("agenthub-cursor")))).toBe(many);
    expect(await agrees()).toBe(true);
  });

  it("that take in one task, each on its own side of midnight, have it done once and answer alike", async () => {
    const instance = await twins.apps[0].createInstance(agent);
    const [before, after] = twins.clocks;
    const midnight = Math.ceil(before.now() / (24 * hour)) * 24 * hour;
    before.pass((midnight - before.now() - 5000) / hour);
    after.pass((midnight - after.now() + 1000) / hour);
    const done = twins.apps[0].world.agent.executed.length;
    const execute = ({ call }: TestApp, number: number, headers = {}) =>
      call("POST", `/marketplace/instances/${instance}/execute`, { body: { endpoint: "/x", parameters: {} }, headers: { ...headers, "idempotency-key": `task-${number}` } });
    const sent = await Promise.all(numbers.flatMap((number) => twins.apps.map((app) => execute(app, number))));
    expect(sent.map(({ status }) => status)).toEqual(sent.map(() => 200));
    for (const number of numbers) expect(sent[2 * number + 1]?.body.task_id).toBe(sent[2 * number]?.body.task_id);
    expect(twins.apps[0].world.agent.executed.length - done).toBe(many);
    expect(await billed(instance, sent.map(({ headers }) => headers.get("agenthub-cursor")))).toBe(many);
    // What is asked for as a task to come is looked up in the log, not among the answers: both sides of midnight find the same one.
    for (const number of numbers)
      for (const app of twins.apps) expect((await execute(app, number, { prefer: "respond-async" })).body.task_id).toBe(sent[2 * number]?.body.task_id);
    expect(await agrees()).toBe(true);
  });
});
