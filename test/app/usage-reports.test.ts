import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { startTestApp, type TestApp } from "#test/support/app.ts";
import { ShiftedClock } from "#test/support/shifted-clock.ts";

const hour = 3_600_000;
let clock: ShiftedClock;
let app: TestApp;
let instance: string;
let start: number;

beforeEach(async () => {
  clock = new ShiftedClock();
  app = await startTestApp({ clock });
  instance = await app.createInstance(await app.registerAgent());
  start = Date.parse((await app.call("GET", `/marketplace/instances/${instance}`)).body.started_at as string);
});

afterEach(async () => { await app.close(); });

const report = (id: string, at: number, more: object = {}) =>
  ({ specversion: "1.0", id, source: "meter", type: "usage", time: new Date(at).toISOString(), data: { instance_id: instance, meter: "requests", quantity: 1, ...more } });
const send = (body: unknown) => app.call("POST", "/usage/events", { as: "publisher", body });
const problem = async (body: unknown) => {
  const { status, body: answer } = await send(body);
  return [status, String(answer.type).split("/").at(-1)];
};
const agrees = async () => (await app.call("GET", "/billing/audit", { as: "operator" })).body.agrees as boolean;
const billed = async () => (await app.call("GET", `/billing/instances/${instance}`, { headers: { "agenthub-min-cursor": cursor } })).body.requests as number;
let cursor = "";

describe("a usage report", () => {
  it("is counted once by its instance, source and id, whatever day its time names", async () => {
    clock.pass(24 * 5);
    expect((await send(report("a", start + hour))).body).toMatchObject({ accepted: 1, duplicates: 0 });
    expect((await send(report("a", start + hour))).body).toMatchObject({ accepted: 0, duplicates: 1 });
    expect(await problem(report("a", start + hour, { quantity: 2 }))).toEqual([409, "usage-conflict"]);
    for (const days of [1, 3, 5]) expect(await problem(report("a", start + hour + (days * 24 - 2) * hour))).toEqual([409, "usage-conflict"]);
    const answer = await send(report("other", start + 2 * hour));
    cursor = answer.headers.get("agenthub-cursor") ?? "";
    expect(await billed()).toBe(2);
    expect(await agrees()).toBe(true);
  });

  it("is counted once even when its identity comes on several days in one batch, or in requests at once", async () => {
    clock.pass(24 * 5);
    const { body } = await send([1, 25, 49, 73].map((hours) => report("batch", start + hours * hour)));
    expect(body).toMatchObject({ accepted: 1, duplicates: 0, refused: 3 });
    const all = await Promise.all([1, 25, 49, 73].map((hours) => send(report("crowd", start + hours * hour))));
    expect(all.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409, 409, 409]);
    expect(await agrees()).toBe(true);
  });

  it("lies between the instance's start and its end, at most 35 days back and 5 minutes ahead", async () => {
    const out = [422, "usage-time-out-of-range"];
    expect(await problem(report("early", start - 1))).toEqual(out);
    expect(await problem(report("ahead", clock.now() + 360_000))).toEqual(out);
    expect((await send(report("nearly", clock.now() + 240_000))).body).toMatchObject({ accepted: 1 });
    clock.pass(24 * 36);
    expect(await problem(report("old", start + hour))).toEqual(out);
    expect((await send(report("late", start + 30 * hour))).body).toMatchObject({ accepted: 1 });
    const { body } = await app.call("DELETE", `/marketplace/instances/${instance}`);
    const end = Date.parse(body.stopped_at as string);
    clock.pass(1);
    expect(await problem(report("after", end + 1))).toEqual(out);
    const answer = await send(report("afterwards", end));
    expect(answer.body).toMatchObject({ accepted: 1 });
    cursor = answer.headers.get("agenthub-cursor") ?? "";
    expect(await billed()).toBe(3);
    expect(await agrees()).toBe(true);
  });
});
