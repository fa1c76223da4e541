import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { io, type Socket } from "socket.io-client";
import { frameData } from "#api/live/frames.ts";
import { AgentHubClient } from "#client/client.ts";
import type { LiveFrame } from "#client/live.ts";
import { until } from "#test/support/until.ts";
import { call, createInstance, member, registerAgent } from "./calls.ts";
import { startApi, type TestApi } from "./support.ts";

interface Heard {
  readonly name: string;
  readonly message: Record<string, unknown>;
}

let api: TestApi;
let agent: string;
const open: Socket[] = [];

beforeAll(async () => {
  api = await startApi();
  agent = await registerAgent(api, "watched", { pricing: { type: "per_hour", price: "3600" } });
});

afterAll(async () => {
  for (const socket of open) socket.disconnect();
  await api.close();
});

function connect(token: unknown, options: object = {}): { socket: Socket; heard: Heard[]; errors: Error[] } {
  const socket = io(`${api.url}/live`, { auth: { token }, transports: ["websocket"], reconnection: false, forceNew: true, ...options });
  open.push(socket);
  const heard: Heard[] = [];
  const errors: Error[] = [];
  socket.onAny((name: string, message: Heard["message"]) => heard.push({ name, message }));
  socket.on("connect_error", (error) => errors.push(error));
  return { socket, heard, errors };
}

const subscribe = (socket: Socket, message: object): Promise<Record<string, unknown>> => socket.emitWithAck("subscribe", message) as Promise<Record<string, unknown>>;
const statuses = (heard: readonly Heard[], id: string): unknown[] => heard.filter(({ name }) => name === "instance.status")
  .map(({ message }) => message["data"] as Record<string, unknown>).filter((data) => data["instance_id"] === id).map((data) => data["status"]);

describe("the live feed", () => {
  test("refuses a connection without a key, with an unknown one, and with one in the address", async () => {
    const tries = [connect(undefined), connect(api.services.keys.mint().key), connect(api.customer.key, { query: { api_key: api.customer.key } })];
    await until(() => tries.every(({ errors }) => errors.length > 0));
    expect(tries.map(({ socket }) => socket.connected)).toEqual([false, false, false]);
  });

  test("lets nobody into the namespace that asks for no key", async () => {
    const socket = io(`${api.url}/`, { transports: ["websocket"], reconnection: false, forceNew: true });
    open.push(socket);
    const refusal = await new Promise<Error>((resolve, reject) => { socket.on("connect_error", resolve).on("connect", () => { reject(new Error("connected")); }); });
    expect(refusal.message).toBe("Connect to /live.");
  });

  test("refuses a page of a foreign origin", async () => {
    const { errors, socket } = connect(api.customer.key, { extraHeaders: { origin: "https://elsewhere.example" } });
    await until(() => errors.length > 0);
    expect(socket.connected).toBe(false);
  });

  test("answers a subscription with a snapshot, then tells what happens, to its owner alone", async () => {
    const id = await createInstance(api, agent);
    const [mine, foreign] = [connect(api.customer.key), connect(api.stranger.key)];
    expect(await subscribe(mine.socket, { topics: ["instances", `instance:${id}`, "billing"] })).toMatchObject({ ok: true });
    await subscribe(foreign.socket, { topics: ["instances", "billing", "agents"] });
    expect(await subscribe(foreign.socket, { topics: [`instance:${id}`] })).toMatchObject({ ok: false, problem: { status: 404 } });
    expect(mine.heard[0]?.name).toBe("snapshot");
    expect(mine.heard[0]?.message["topics"]).toMatchObject({ [`instance:${id}`]: { instance_id: id, status: "running" } });
    await call(api.url, "POST", `/marketplace/instances/${id}/pause`, { key: api.customer.key });
    await until(() => statuses(mine.heard, id).length === 2);
    expect(statuses(mine.heard, id)).toEqual(["pausing", "paused"]);
    await until(() => mine.heard.some(({ name, message }) => name === "cost.update" && (message["data"] as Record<string, unknown>)["rate_per_hour"] === 0));
    expect(foreign.heard.filter(({ name }) => name !== "snapshot" && name !== "problem")).toEqual([]);
  });

  test("writes the amounts of a snapshot digit by digit as REST does, and the client reads them so", async () => {
    const priced = await registerAgent(api, "snapped-exactly", { pricing: { type: "hybrid", base_price: "1.10", price_per_request: "0.000001" } });
    const id = await createInstance(api, priced);
    await call(api.url, "DELETE", `/marketplace/instances/${id}`, { key: api.customer.key });
    const rest = (await call(api.url, "GET", `/marketplace/instances/${id}`, { key: api.customer.key })).text;
    const written = (text: string): string[] => text.match(/"(?:\w+_cost|rate_per_hour)":[^,}]+/g) ?? [];
    expect(written(rest)).toContain('"total_cost":1.10');
    const { socket } = connect(api.customer.key);
    const raw: string[] = [];
    socket.io.engine.on("data", (data: unknown) => { raw.push(String(data)); });
    await subscribe(socket, { topics: [`instance:${id}`] });
    await until(() => raw.some((text) => text.includes('"snapshot"')));
    expect(written(raw.find((text) => text.includes('"snapshot"')) ?? "")).toEqual(written(rest));
    const live = new AgentHubClient({ server: api.url, apiKey: api.customer.key }).live([`instance:${id}`]);
    try {
      const { value } = await live[Symbol.asyncIterator]().next();
      expect(written(JSON.stringify(value))).toEqual(written(rest));
    } finally {
      live.close();
    }
  });

  test("every frame is what the description declares, and the client tells its amounts exactly", async () => {
    const priced = await registerAgent(api, "told-exactly", { pricing: { type: "hybrid", base_price: "1.10", price_per_hour: "0.000030" } });
    const { socket, heard } = connect(api.customer.key);
    await subscribe(socket, { topics: ["instances", "billing", "agents"] });
    const live = new AgentHubClient({ server: api.url, apiKey: api.customer.key }).live(["billing"]);
    try {
      const frames = live[Symbol.asyncIterator]();
      expect((await frames.next()).value).toMatchObject({ event: "snapshot" });
      const id = await createInstance(api, priced);
      for (let told: LiveFrame | undefined; told?.event !== "cost.update" || told.data.instance_id !== id;) {
        told = (await frames.next()).value as LiveFrame;
        if (told.event !== "cost.update" || told.data.instance_id !== id) continue;
        expect(String(told.data.total_cost)).toMatch(/^1\.10/);
        expect(String(told.data.rate_per_hour)).toBe("0.00003");
      }
      await call(api.url, "PATCH", `/agents/${priced}`, { key: api.publisher.key, body: { description: "Changed" } });
      await until(() => ["instance.status", "cost.update", "agent.changed"].every((name) => heard.some((frame) => frame.name === name)));
    } finally {
      live.close();
    }
    for (const { name, message } of heard.filter((frame) => frame.name in frameData))
      expect({ name, error: frameData[name as keyof typeof frameData].safeParse(message["data"]).error }).toEqual({ name, error: undefined });
  });

  test("replays with `since` every frame that was missed, in order and once", async () => {
    const first = connect(api.customer.key);
    const { cursor } = await subscribe(first.socket, { topics: ["instances"] });
    first.socket.disconnect();
    const id = await createInstance(api, agent);
    await call(api.url, "POST", `/marketplace/instances/${id}/pause`, { key: api.customer.key });
    const second = connect(api.customer.key);
    expect(await subscribe(second.socket, { topics: ["instances"], since: cursor })).toMatchObject({ ok: true });
    expect(statuses(second.heard, id)).toEqual(["starting", "running", "pausing", "paused"]);
    await call(api.url, "POST", `/marketplace/instances/${id}/resume`, { key: api.customer.key });
    await until(() => statuses(second.heard, id).length === 6);
    expect(statuses(second.heard, id).slice(4)).toEqual(["resuming", "running"]);
  });

  test("tells with `since` what an instance costs whose cost moved meanwhile, though it moves no more", async () => {
    const ended = await createInstance(api, agent);
    const first = connect(api.customer.key);
    const { cursor } = await subscribe(first.socket, { topics: ["billing"] });
    first.socket.disconnect();
    await call(api.url, "DELETE", `/marketplace/instances/${ended}`, { key: api.customer.key });
    const { body: bill } = await call(api.url, "GET", `/billing/instances/${ended}`, { key: api.customer.key });
    const second = connect(api.customer.key);
    await subscribe(second.socket, { topics: ["billing"], since: cursor });
    const last = () => second.heard.map(({ message }) => message["data"] as Record<string, unknown>).find((data) => data["instance_id"] === ended && data["rate_per_hour"] === 0);
    await until(() => last() !== undefined);
    expect(last()).toMatchObject({ total_cost_micros: bill["total_cost_micros"], rate_per_hour_micros: "0" });
  });

  test("asks for a new start when the cursor is of another store", async () => {
    const { socket, heard } = connect(api.customer.key);
    const since = Buffer.from(JSON.stringify(["another store", "1"])).toString("base64url");
    await subscribe(socket, { topics: ["instances"], since });
    expect(heard.map(({ name }) => name)).toEqual(["resync_required", "snapshot"]);
  });

  test("tells samples as they are taken", async () => {
    const id = await createInstance(api, agent);
    const { socket, heard } = connect(api.customer.key);
    await subscribe(socket, { topics: [`instance:${id}`] });
    api.sample({
      instance_id: id, at: Date.now(), cpu_percent: 12, memory_bytes: 50, memory_limit_bytes: 100, network_rx_bytes: 1, network_tx_bytes: 2, healthy: true, response_ms: 3,
    });
    await until(() => heard.some(({ name }) => name === "instance.metrics"));
    const data = heard.find(({ name }) => name === "instance.metrics")?.message["data"];
    expect(frameData["instance.metrics"].safeParse(data).error).toBeUndefined();
    expect(data).toMatchObject({ instance_id: id, cpu_usage: 12, memory_usage: 50, network_usage: 3, healthy: true });
  });

  test("closes the sockets of a key that is revoked", async () => {
    const issued = await call(api.url, "POST", "/api-keys", { key: api.customer.key, body: { label: "short-lived" } });
    const { socket } = connect(member(issued, "api_key"));
    await subscribe(socket, { topics: ["instances"] });
    await call(api.url, "DELETE", `/api-keys/${member(issued, "key_id")}`, { key: api.customer.key });
    await until(() => !socket.connected);
    expect(socket.connected).toBe(false);
  });

  test("refuses unknown topics and messages that are not subscriptions", async () => {
    const { socket } = connect(api.customer.key);
    for (const message of [{ topics: ["everything"] }, { topics: [] }, { topics: ["instances"], more: true }, "instances", null])
      expect(await socket.emitWithAck("subscribe", message)).toMatchObject({ ok: false, problem: { status: 422 } });
    for (const since of ["", "x", "x".repeat(2049)])
      expect(await socket.emitWithAck("subscribe", { topics: ["instances"], since })).toMatchObject({ ok: false, problem: { status: 400, type: "/problems/invalid-cursor" } });
  });

  test("lets a key hold twenty connections and no more", async () => {
    const { key } = await api.account("Many", ["customer"]);
    const sockets = Array.from({ length: 20 }, () => connect(key));
    await until(() => sockets.every(({ socket }) => socket.connected));
    const surplus = connect(key);
    await until(() => surplus.errors.length > 0);
    expect(surplus.socket.connected).toBe(false);
  });

  test("cuts off a client that floods or sends more than 64 KB", async () => {
    const [flood, large] = [connect(api.stranger.key), connect(api.stranger.key)];
    await until(() => flood.socket.connected && large.socket.connected);
    for (let count = 0; count < 120; count += 1) flood.socket.emit("unsubscribe", { topics: ["agents"] });
    large.socket.emit("subscribe", { topics: ["x".repeat(70_000)] });
    await until(() => !flood.socket.connected && !large.socket.connected);
    expect([flood.socket.connected, large.socket.connected]).toEqual([false, false]);
  });
});
