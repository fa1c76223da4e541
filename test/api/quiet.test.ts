import { EventEmitter } from "node:events";
import { Writable } from "node:stream";
import { describe, expect, test } from "@jest/globals";
import { pino } from "pino";
import type { Socket } from "socket.io";
import { Connection } from "#api/live/connection.ts";
import { nobody } from "#api/rest/authorize.ts";
import { until } from "#test/support/until.ts";
import { call, createInstance, registerAgent } from "./calls.ts";
import { startApi } from "./support.ts";

describe("the log", () => {
  test("names routes and trace ids, and neither keys nor ids nor secrets", async () => {
    const lines: string[] = [];
    const out = new Writable({ write: (chunk, _encoding, done) => { lines.push(String(chunk)); done(); } });
    const api = await startApi({}, pino({ level: "trace" }, out));
    try {
      const agent = await registerAgent(api, "quiet", { docker: { env: { TOKEN: "canary-environment" }, configurable_env: ["MODEL"] } });
      await call(api.url, "POST", "/agents/register-docker", {
        key: api.publisher.key, body: { docker_image: "a/b:1", metadata: { name: "private", version: "1" }, registry_credentials: { username: "me", password: "canary-password" } },
      });
      const instance = await createInstance(api, agent);
      await call(api.url, "GET", `/marketplace/instances/${instance}?canary=query`, { key: api.customer.key, headers: { cookie: "canary-cookie" } });
      const answer = await call(api.url, "GET", "/marketplace/agents/nothing", { key: api.customer.key });
      await until(() => lines.some((line) => line.includes(String(answer.body["trace_id"] as string))));
      const log = lines.join("");
      expect(log).toContain("/marketplace/agents/:id");
      for (const secret of [api.customer.key, api.publisher.key, instance, "canary"]) expect(log).not.toContain(secret);
    } finally {
      await api.close();
    }
  });
});

describe("a slow reader", () => {
  function slow() {
    const conn = Object.assign(new EventEmitter(), { transport: {} });
    const sent: string[] = [];
    const state = { cut: false };
    const socket = { conn, emit: (name: string) => sent.push(name), disconnect: () => { state.cut = true; } } as unknown as Socket;
    return { conn, sent, state, connection: new Connection(socket, nobody) };
  }
  const large = { text: "x".repeat(400_000) };

  test("is cut off when more than 1 MB waits for it", () => {
    const { connection, sent, state } = slow();
    for (let count = 0; count < 3; count += 1) connection.send("snapshot", large);
    expect([sent.length, state.cut]).toEqual([2, true]);
  });

  test("is kept while it reads", () => {
    const { connection, conn, sent, state } = slow();
    for (let count = 0; count < 10; count += 1) {
      connection.send("snapshot", large);
      conn.emit("drain");
    }
    expect([sent.length, state.cut]).toEqual([10, false]);
  });

  test("hears what came during a snapshot after it, in order", async () => {
    const { connection, sent } = slow();
    await connection.hold(async () => {
      connection.deliver({ at: "", type: "instance.status", data: {} });
      connection.deliver({ at: "", type: "instance.health", data: {} });
      connection.send("snapshot", {});
    });
    expect(sent).toEqual(["snapshot", "instance.status", "instance.health"]);
  });
});
