import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { Unavailable } from "#commands/ports.ts";
import { newApiKey } from "#infra/secrets/api-key.ts";
import { call, callAs, createInstance, member, registerAgent, slug } from "./calls.ts";
import { startApi, type TestApi } from "./support.ts";

let api: TestApi;
let agent: string;
beforeAll(async () => {
  api = await startApi();
  agent = await registerAgent(api, "reading", { pricing: { type: "hybrid", base_price: "5.00", price_per_hour: "0.10", price_per_request: "0.01" } });
});
afterAll(() => api.close());

const instances = "/marketplace/instances";

describe("reading and lists", () => {
  test("a caller reads what it wrote, and what another wrote by its cursor", async () => {
    const created = await callAs(api, "customer", "POST", instances, { agent_id: agent });
    const cursor = created.headers.get("agenthub-cursor") ?? "";
    expect(cursor).not.toBe("");
    const read = await callAs(api, "operator", "GET", `${instances}/${member(created, "instance_id")}`, undefined, { "agenthub-min-cursor": cursor });
    expect([read.status, read.body["status"]]).toEqual([200, "running"]);
  });

  test("a cursor of another store is ignored; a read model that stays behind is told", async () => {
    const foreign = Buffer.from(JSON.stringify(["another", "9999"])).toString("base64url");
    expect((await callAs(api, "stranger", "GET", "/account", undefined, { "agenthub-min-cursor": foreign })).status).toBe(200);
    const { readModels } = api.services;
    const waitFor = readModels.waitFor.bind(readModels);
    try {
      readModels.waitFor = async () => false;
      await callAs(api, "stranger", "POST", "/api-keys", { label: "unseen" });
      const behind = await callAs(api, "stranger", "GET", "/api-keys");
      expect([behind.status, slug(behind), behind.headers.get("retry-after")]).toEqual([503, "read-model-behind", "1"]);
    } finally {
      readModels.waitFor = waitFor;
    }
    expect((await callAs(api, "stranger", "GET", "/api-keys")).text).toContain("unseen");
  });

  test("a key that is not found while the log is still being read is not called wrong; one that is in none of it is", async () => {
    const { readModels } = api.services;
    const waitFor = readModels.waitFor.bind(readModels);
    const answer = () => call(api.url, "GET", "/account", { key: newApiKey(randomBytes).key });
    try {
      readModels.waitFor = async () => false;
      const early = await answer();
      expect([early.status, slug(early), early.headers.get("retry-after")]).toEqual([503, "read-model-behind", "1"]);
    } finally {
      readModels.waitFor = waitFor;
    }
    expect((await answer()).status).toBe(401);
  });

  test("who does not want to wait is told where to look", async () => {
    const answer = await callAs(api, "customer", "POST", instances, { agent_id: agent }, { prefer: "respond-async" });
    expect([answer.status, answer.headers.get("location")]).toEqual([202, `${instances}/${member(answer, "instance_id")}`]);
    const waited = await callAs(api, "customer", "POST", instances, { agent_id: await registerAgent(api, "waited") }, { prefer: "wait=60" });
    expect([waited.status, waited.body["status"]]).toEqual([201, "running"]);
  });

  test("a status that no instance has is refused with those that there are", async () => {
    const { status, body } = await callAs(api, "customer", "GET", `${instances}?status=none`);
    const message = "must be one of starting, running, pausing, paused, resuming, restarting, failed, stopping, stopped, rejected";
    expect({ status, errors: body["errors"] }).toEqual({ status: 422, errors: [{ field: "status", message }] });
  });

  test("pages hold everything once, and a cursor belongs to its list", async () => {
    const { key } = await api.account("Pages", ["customer"]);
    const made = new Set<string>();
    for (let count = 0; count < 5; count += 1) made.add(await createInstance(api, await registerAgent(api, "paged", { limits: { max_instances: 50 } }), key));
    const seen: string[] = [];
    let cursor: string | null = "";
    while (cursor !== null) {
      const page = await call(api.url, "GET", `${instances}?limit=2${cursor === "" ? "" : `&cursor=${cursor}`}`, { key });
      seen.push(...(page.body["instances"] as { instance_id: string }[]).map(({ instance_id }) => instance_id));
      const next = page.body["next_cursor"] as string | null;
      if (next !== null) expect(slug(await call(api.url, "GET", `${instances}?limit=2&status=running&cursor=${next}`, { key }))).toBe("invalid-cursor");
      cursor = next;
    }
    expect(seen).toHaveLength(5);
    expect(new Set(seen)).toEqual(made);
  });

  test("agents are found by words, price and availability", async () => {
    const own = await registerAgent(api, "Findable Summarizer", { category: "data-analysis", tags: ["nlp"], pricing: { type: "per_minute", price: "0.5" } });
    for (const query of ["q=summar", "category=data-analysis&tag=nlp", "sort=price&pricing_type=per_minute", "available=true&q=findable", "sort=name&type=docker&q=findable"]) {
      const { body } = await callAs(api, "customer", "GET", `/marketplace/agents?${query}`);
      expect({ query, ids: (body["agents"] as { agent_id: string }[]).map(({ agent_id }) => agent_id) }).toEqual({ query, ids: [own] });
    }
    expect(slug(await callAs(api, "customer", "GET", "/marketplace/agents?sort=price"))).toBe("invalid-query");
  });

  test("an operator sees accounts, engines and read models, and can build one anew", async () => {
    expect((await callAs(api, "operator", "GET", "/admin/accounts?limit=2")).body["accounts"]).toHaveLength(2);
    expect((await callAs(api, "operator", "GET", "/admin/engines")).body).toMatchObject({ engines: [{ name: "docker", ok: true }] });
    expect((await callAs(api, "operator", "GET", "/admin/projections")).text).toContain("instance-billing");
    expect((await callAs(api, "operator", "POST", "/admin/projections/agents/rebuild")).status).toBe(202);
    expect((await callAs(api, "operator", "POST", "/admin/projections/nothing/rebuild")).status).toBe(404);
  });

  test("a batch of reports answers for each, and lines count too", async () => {
    const id = await createInstance(api, agent);
    const report = (name: string, more: object = {}) =>
      ({ specversion: "1.0", id: name, source: "batch", type: "com.agenthub.usage", time: new Date().toISOString(), data: { instance_id: id, meter: "requests", quantity: 1 }, ...more });
    const same = report("a");
    const { body } = await callAs(api, "publisher", "POST", "/usage/events", [same, same, report("b", { time: "2020-01-01T00:00:00Z" }), 7]);
    expect(body).toMatchObject({ accepted: 1, duplicates: 1, refused: 2 });
    const lines = await call(api.url, "POST", "/usage/events", {
      key: api.publisher.key, headers: { "content-type": "application/x-ndjson" }, body: [report("c"), report("d")].map((line) => JSON.stringify(line)).join("\n"),
    });
    expect(lines.body).toMatchObject({ accepted: 2, refused: 0 });
    expect((await callAs(api, "customer", "GET", `/billing/instances/${id}`, undefined, { "agenthub-min-cursor": lines.headers.get("agenthub-cursor") ?? "" })).body).toMatchObject({ requests: 3 });
    expect((await callAs(api, "customer", "POST", "/usage/events", same)).status).toBe(403);
  });

  test("a store that is away is 503 with Retry-After, and nothing of the cause leaks", async () => {
    const { executor } = api.services;
    const execute = executor.execute.bind(executor);
    try {
      executor.execute = () => Promise.reject(new Unavailable("connect ECONNREFUSED 10.0.0.1:2113"));
      const away = await callAs(api, "customer", "POST", "/api-keys", { label: "x" });
      expect([away.status, slug(away), away.headers.has("retry-after")]).toEqual([503, "unavailable", true]);
      executor.execute = () => Promise.reject(new Error("secret detail"));
      const broken = await callAs(api, "customer", "POST", "/api-keys", { label: "x" });
      expect([broken.status, slug(broken)]).toEqual([500, "internal-error"]);
      expect(away.text + broken.text).not.toMatch(/secret|10\.0\.0\.1/);
    } finally {
      executor.execute = execute;
    }
  });
});
