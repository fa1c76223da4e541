import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { call, createInstance, registerAgent, slug } from "./calls.ts";
import { startApi, type TestApi } from "./support.ts";

let api: TestApi;
let instance: string;
let now: number;

beforeAll(async () => {
  api = await startApi();
  instance = await createInstance(api, await registerAgent(api, "reporter"));
  now = Date.now();
});
afterAll(() => api.close());

const base64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64");
const event = (id: string, more: object = {}): Record<string, unknown> =>
  ({ specversion: "1.0", id, source: "/agents/a", type: "com.example.usage", time: new Date(now).toISOString(), data: { instance_id: instance, meter: "requests", quantity: 1 }, ...more });
const without = (name: string, from = event(name)): object => Object.fromEntries(Object.entries(from).filter(([key]) => key !== name));
const report = (body: unknown, type = "application/cloudevents+json", headers: Record<string, string> = {}) =>
  call(api.url, "POST", "/usage/events", { key: api.publisher.key, body: typeof body === "string" ? body : JSON.stringify(body), headers: { "content-type": type, ...headers } });
/** The same instant as a clock elsewhere writes it. */
const elsewhere = (offset: string, minutes: number): string => new Date(now + minutes * 60_000).toISOString().replace("Z", offset);

describe("CloudEvents in every form that they may have", () => {
  test.each([
    ["structured", () => event("a1")],
    ["structured with extensions and a content type", () => event("a2", { datacontenttype: "application/json", dataschema: "https://example.com/s", traceparent: "00-x", comexampleext: 5 })],
    ["an hour that another place has", () => event("a3", { time: elsewhere("+02:00", 120) })],
    ["an offset to the west", () => event("a4", { time: elsewhere("-09:30", -570) })],
    ["a small t and z", () => event("a5", { time: new Date(now).toISOString().toLowerCase() })],
    ["nanoseconds", () => event("a6", { time: new Date(now).toISOString().replace("Z", "123456Z") })],
    ["the instance as subject", () => event("a7", { subject: instance, data: { meter: "requests", quantity: "2.5" } })],
    ["attributes that are null", () => event("a8", { subject: null, datacontenttype: null })],
    ["data in Base64", () => ({ ...without("data", event("a9")), data_base64: base64({ instance_id: instance, meter: "tokens", quantity: 7 }) })],
    ["a quantity in exponents", () => event("a10", { data: { instance_id: instance, meter: "tokens", quantity: 1e-7 } })],
  ])("%s is counted", async (_what, body) => {
    expect((await report(body())).body).toMatchObject({ accepted: 1, duplicates: 0, refused: 0 });
  });

  test("plain JSON, and a media type with parameters", async () => {
    expect((await report(event("b1"), "application/json")).body).toMatchObject({ accepted: 1 });
    expect((await report(event("b2"), "Application/CloudEvents+JSON; charset=UTF-8")).body).toMatchObject({ accepted: 1 });
  });

  test("binary mode: attributes as headers, the data as the body", async () => {
    const headers = { "ce-specversion": "1.0", "ce-id": "c%201", "ce-source": "/agents/b", "CE-Type": "usage", "ce-time": new Date(now).toISOString(), "ce-subject": instance };
    const first = await report({ meter: "requests", quantity: 3 }, "application/json", headers);
    expect(first.body).toMatchObject({ accepted: 1, results: [{ id: "c 1", outcome: "accepted" }] });
    expect((await report({ meter: "requests", quantity: 3 }, "application/json", headers)).body).toMatchObject({ accepted: 0, duplicates: 1 });
    const { "ce-time": _time, ...late } = headers;
    expect(slug(await report({ meter: "requests", quantity: 3 }, "application/json", late))).toBe("validation-failed");
  });

  test("a batch tells of each item, and an empty one is none", async () => {
    const batch = "application/cloudevents-batch+json";
    const { status, body } = await report([event("d1"), event("d1"), without("time", event("d2")), 5, null, event("d3", { data: { instance_id: instance, meter: "requests", quantity: 2 } })], batch);
    expect(status).toBe(200);
    expect(body).toMatchObject({ accepted: 2, duplicates: 1, refused: 3 });
    expect((body["results"] as { outcome: string }[]).filter(({ outcome }) => outcome === "refused")).toHaveLength(3);
    expect((await report([], batch)).body).toMatchObject({ accepted: 0, duplicates: 0, refused: 0, results: [] });
  });

  test("lines: one that is no JSON spoils nothing but itself", async () => {
    const { body } = await report(`${JSON.stringify(event("e1"))}\r\n\r\n{"specversion":\n${JSON.stringify(event("e2"))}\n`, "application/x-ndjson");
    expect(body).toMatchObject({ accepted: 2, refused: 1, results: [{ outcome: "accepted" }, { outcome: "refused", problem: { type: "/problems/malformed-json", detail: "Line 3 is not valid JSON." } }, { outcome: "accepted" }] });
    expect(slug(await report("{\n[", "application/x-ndjson"))).toBe("malformed-json");
  });

  test.each([
    ["no specversion", () => without("specversion"), "validation-failed"],
    ["another specversion", () => event("f1", { specversion: "0.3" }), "validation-failed"],
    ["no id", () => without("id"), "validation-failed"],
    ["an empty id", () => event(""), "validation-failed"],
    ["no source", () => without("source"), "validation-failed"],
    ["no type", () => without("type"), "validation-failed"],
    ["no time", () => without("time"), "validation-failed"],
    ["a time without offset", () => event("f2", { time: "2026-01-01T00:00:00" }), "validation-failed"],
    ["a day that there is not", () => event("f3", { time: "2026-02-30T00:00:00Z" }), "validation-failed"],
    ["names in capitals", () => ({ ...without("id"), ID: "f4" }), "validation-failed"],
    ["no data", () => without("data"), "validation-failed"],
    ["data that is text", () => event("f5", { data: "1" }), "validation-failed"],
    ["both kinds of data", () => event("f6", { data_base64: base64({}) }), "validation-failed"],
    ["Base64 that is none", () => ({ ...without("data"), data_base64: "%%%" }), "validation-failed"],
    ["Base64 of no JSON", () => ({ ...without("data"), data_base64: "AAAA" }), "validation-failed"],
    ["a negative quantity", () => event("f7", { data: { instance_id: instance, meter: "requests", quantity: -1 } }), "validation-failed"],
    ["a quantity with 13 places", () => event("f8", { data: { instance_id: instance, meter: "requests", quantity: "0.0000000000001" } }), "validation-failed"],
    ["an instance that there is not", () => event("f9", { data: { instance_id: "instance-00000000-0000-7000-8000-000000000000", meter: "requests", quantity: 1 } }), "instance-not-found"],
    ["a time before the instance", () => event("f10", { time: "2026-01-01T00:00:00+02:00" }), "usage-time-out-of-range"],
  ])("%s is refused", async (_what, body, code) => {
    const answer = await report(body());
    expect([answer.status >= 400, slug(answer)]).toEqual([true, code]);
  });
});
