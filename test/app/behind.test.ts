import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { readConfig } from "#app/config.ts";
import { openStores } from "#app/stores.ts";
import { Unavailable } from "#commands/ports.ts";
import type { ReadModels } from "#projections/ports.ts";
import { type As, startTestApp, type TestApp } from "#test/support/app.ts";
import { until } from "#test/support/until.ts";

const settings = { AGENTHUB_READ_PATIENCE: "100ms" };
let app: TestApp;
let stuck = false;

/** Read models that can be read at any time, and written while nothing is stuck. */
const sticking = (models: ReadModels): ReadModels => new Proxy(models, {
  get(target, name) {
    if (stuck && (name === "write" || name === "saveCheckpoint")) return () => Promise.reject(new Unavailable("away"));
    const member: unknown = Reflect.get(target, name);
    return typeof member === "function" ? (member as () => unknown).bind(target) : member;
  },
});

beforeAll(async () => {
  const stores = await openStores(readConfig({ AGENTHUB_DATA_DIR: ":memory:" }));
  app = await startTestApp({ settings, stores: { ...stores, readModels: sticking(stores.readModels) } });
});
afterAll(async () => { await app.close(); });

/** A request with a key and nothing that the one before it answered. */
async function ask(key: string, path: string, { body, cursor }: { body?: object; cursor?: string } = {}) {
  const response = await fetch(app.url + path, {
    method: body === undefined ? "GET" : "POST",
    headers: { authorization: `Bearer ${key}`, ...(cursor === undefined ? {} : { "agenthub-min-cursor": cursor }), ...(body === undefined ? {} : { "content-type": "application/json" }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, headers: response.headers, body: await response.json() as Record<string, unknown> };
}
const keyOf = (as: As): string => app.keys[as];

describe("while nothing can be projected", () => {
  it("who has written, or asks for a cursor, is told when to ask again and that the write need not be repeated; others read what there is", async () => {
    const issued = await ask(keyOf("customer"), "/api-keys", { body: { label: "before" } });
    const another = String(issued.body["api_key"]);
    await until(async () => (await ask(another, "/api-keys")).status === 200, { timeout: 60_000, what: "the second key to be known" });
    stuck = true;
    const written = await ask(keyOf("customer"), "/api-keys", { body: { label: "unseen" } });
    expect(written.status).toBe(201);
    const cursor = written.headers.get("agenthub-cursor") ?? "";

    for (const behind of [await ask(keyOf("customer"), "/api-keys"), await ask(another, "/account", { cursor }), await ask(keyOf("operator"), "/admin/accounts", { cursor })]) {
      expect([behind.status, behind.body["type"]]).toEqual([503, "/problems/read-model-behind"]);
      expect(behind.headers.get("retry-after")).toMatch(/^[1-9]\d*$/);
      expect(behind.body["detail"]).toBe("What you wrote, or ask for by AgentHub-Min-Cursor, is safe but not readable yet; read again after Retry-After seconds, and do not write it again.");
    }
    const reads: readonly (readonly [string, string])[] = [
      ...["/account", "/marketplace/agents", "/marketplace/instances", "/billing/summary", "/marketplace/dashboard"].map((path) => [another, path] as const),
      [keyOf("publisher"), "/publisher/revenue"], [keyOf("operator"), "/admin/accounts"], [keyOf("operator"), "/admin/projections"],
    ];
    for (const [key, path] of reads) expect([path, (await ask(key, path)).status]).toEqual([path, 200]);
    expect(JSON.stringify((await ask(another, "/api-keys")).body)).not.toContain("unseen");

    stuck = false;
    const seen = await until(async () => {
      const answer = await ask(keyOf("customer"), "/api-keys");
      return answer.status === 200 && answer;
    }, { timeout: 60_000, what: "the read models to go on" });
    expect(JSON.stringify(seen.body)).toContain("unseen");
  });
});
