import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { importInto } from "#app/moving/import-here.ts";
import { agents } from "#projections/agents.ts";
import { instanceBilling } from "#projections/instance-billing.ts";
import { instances } from "#projections/instances.ts";
import { Reader } from "#projections/reader.ts";
import { startTestApp, type TestApp, type As } from "../support/app.ts";
import { mongoAvailable, startTestMongo, type TestMongo } from "../support/mongodb.ts";
import { type Child, killChildren, runCommand, startEsdbProcess } from "../support/processes.ts";
import { until } from "../support/until.ts";

type Settings = Readonly<Record<string, string>>;
type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** Without what tells of the store or of the moment of asking. */
function lasting(value: Json): Json {
  if (Array.isArray(value)) return (value as readonly Json[]).map(lasting);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).filter(([name]) => !["_v", "as_of", "position", "audited_at", "to"].includes(name)).map(([name, inner]) => [name, lasting(inner as Json)]));
}

async function* linesOf(file: string): AsyncGenerator<string> {
  yield* readFileSync(file, "utf8").split("\n");
}

/** Everything that follows from events (samples do not, and stay behind), once the read models hold every event. */
async function told(app: TestApp): Promise<Record<string, unknown>> {
  const reader = new Reader(app.world.stores.readModels);
  const ask = async (path: string, as: As) => {
    const answer = await until(async () => { const one = await app.call("GET", path, { as }); return one.status === 200 && one; }, { what: path });
    return lasting(answer.body as Json);
  };
  const [last] = await app.world.stores.events.readAll({ direction: "backwards", max: 1 });
  const standings = async () => ((await app.call("GET", "/admin/projections", { as: "operator" })).body as { projections?: readonly { position: string }[] }).projections ?? [];
  // Each read model gets there by itself: that one holds every event says nothing of another.
  await until(async () => { const all = await standings(); return all.length > 0 && all.every(({ position }) => position >= (last?.position ?? "")); }, { what: "read models that hold every event" });
  await until(async () => ((await app.call("GET", "/billing/audit", { as: "operator" })).body as { agrees?: boolean }).agrees, { what: "an audit that agrees" });
  const documents: Record<string, unknown> = {};
  for (const model of [agents, instances, instanceBilling]) {
    const all: Json[] = [];
    for await (const document of reader.all<object>(model, { index: "all", equals: {}, range: { from: "" } })) all.push(lasting(JSON.parse(JSON.stringify(document)) as Json));
    documents[model.name] = all;
  }
  return {
    ...documents, audit: await ask("/billing/audit", "operator"), summary: await ask("/billing/summary", "customer"), history: await ask("/billing/history", "customer"),
    revenue: await ask("/publisher/revenue", "publisher"),
  };
}

const suite = mongoAvailable("moving between embedded stores and MongoDB") ? describe : describe.skip;

suite("an installation that moves", () => {
  const folder = mkdtempSync(join(tmpdir(), "agenthub-moving-"));
  let mongo: TestMongo;
  let esdb: Child & { readonly url: string };
  let first: TestApp;
  const embedded = (name: string): Settings => ({ AGENTHUB_DATA_DIR: join(folder, name) });
  let shared: Settings = {};

  /** Starts the same people and engine on other stores. */
  const startOn = (settings: Settings) => {
    const { runtime, agent, credentials } = first.world;
    return startTestApp({ settings, runtime, agent, credentials });
  };
  const exported = async (app: TestApp, name: string): Promise<string> => {
    const response = await fetch(`${app.url}/admin/export`, { headers: { authorization: `Bearer ${app.keys.operator}` } });
    expect(response.status).toBe(200);
    const file = join(folder, name);
    writeFileSync(file, await response.text());
    return file;
  };
  const imported = (file: string, settings: Settings) =>
    importInto({ AGENTHUB_LOG_LEVEL: "silent", AGENTHUB_SECRET_KEY: first.world.credentials.secret_key, ...settings }, linesOf(file), () => undefined);

  beforeAll(async () => {
    [mongo, esdb] = await Promise.all([startTestMongo(), startEsdbProcess()]);
    shared = { AGENTHUB_EVENT_STORE: esdb.url, AGENTHUB_READ_MODELS: mongo.database(), AGENTHUB_DATA_DIR: join(folder, "beside") };
    first = await startTestApp({ settings: embedded("first") });
  }, 120_000);
  afterAll(async () => {
    await first?.close();
    await killChildren();
    await mongo?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it("shows the same read models, bills and audit on EventStoreDB and MongoDB, and again back on embedded stores", async () => {
    const agentId = await first.registerAgent({ pricing: { type: "hybrid", base_price: "5", price_per_hour: "3600", price_per_request: "0.01" } });
    const [ended, paused] = [await first.createInstance(agentId), await first.createInstance(agentId)];
    for (let n = 0; n < 3; n += 1)
      for (const id of [ended, paused]) await first.call("POST", `/marketplace/instances/${id}/execute`, { body: { endpoint: "/echo", parameters: { n } } });
    // Neither costs anything from here on, so that no figure depends on when it is asked for.
    expect((await first.call("DELETE", `/marketplace/instances/${ended}`)).body.status).toBe("stopped");
    expect((await first.call("POST", `/marketplace/instances/${paused}/pause`)).body.status).toBe("paused");
    const before = await told(first);
    expect(before["instances"]).toHaveLength(2);
    const task = (await first.call("GET", `/marketplace/instances/${paused}/tasks`)).body.tasks[0].task_id as string;
    const file = await exported(first, "first.jsonl");
    await first.close();

    expect(await imported(file, shared)).toMatchObject({ already: 0 });
    // Once more changes nothing: that is how an import which broke off goes on.
    const again = await imported(file, shared);
    expect(again.already).toBe(again.events);
    const second = await startOn(shared);
    try {
      expect(await told(second)).toEqual(before);
      expect((await second.call("GET", `/tasks/${task}`)).body.result).toEqual({ echo: { n: 2 } });
      expect((await second.call("POST", `/marketplace/instances/${paused}/resume`)).body.status).toBe("running");
      expect((await second.call("DELETE", `/marketplace/instances/${paused}`)).body.status).toBe("stopped");
      const later = await told(second);
      const back = await exported(second, "second.jsonl");
      await imported(back, embedded("third"));
      const third = await startOn(embedded("third"));
      try {
        expect(await told(third)).toEqual(later);
      } finally {
        await third.close();
      }
    } finally {
      await second.close();
    }
  }, 120_000);

  it("is done by the command line, and refused by stores that were started before or without the key of its secrets", async () => {
    const app = await startTestApp({ settings: embedded("started") });
    const file = join(folder, "started.jsonl.gz");
    const made = await runCommand(["export", "--server", app.url, "--api-key", app.keys.operator, "--output", file], {});
    const copied = await runCommand(["backup", join(folder, "copy"), "--server", app.url, "--api-key", app.keys.operator], {});
    await app.close();
    expect(copied).toMatchObject({ code: 0, out: expect.stringContaining(join(folder, "copy")) });
    expect(await runCommand(["restore", join(folder, "copy")], embedded("restored"))).toMatchObject({ code: 0, out: expect.stringContaining("is as it was at") });
    expect(await runCommand(["restore", join(folder, "copy")], embedded("restored"))).toMatchObject({ code: 2, errors: expect.stringContaining("AGENTHUB_DATA_DIR") });
    expect(made).toMatchObject({ code: 0, out: expect.stringMatching(/^Wrote \d+ lines/) });
    const key = { AGENTHUB_SECRET_KEY: app.world.credentials.secret_key };
    expect(await runCommand(["import", file], { ...embedded("fresh"), ...key })).toMatchObject({ code: 0, out: expect.stringContaining("Events") });
    expect(await runCommand(["import", file], { ...embedded("keyless") })).toMatchObject({ code: 2, errors: expect.stringContaining("AGENTHUB_SECRET_KEY") });
    const other = await startTestApp({ settings: embedded("other") });
    await other.close();
    expect(await runCommand(["import", file], { ...embedded("other"), ...key })).toMatchObject({ code: 1, errors: expect.stringContaining("holds other events") });
  });
});
