import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { Beginning, type BeginningParts } from "#app/beginning.ts";
import { readConfig } from "#app/config.ts";
import { openStores, type Stores } from "#app/stores.ts";
import { startTestApp, type TestApp } from "#test/support/app.ts";
import { until } from "#test/support/until.ts";

const one = { name: "one", version: 2 };
const two = { name: "two", version: 1 };

/** Of two read models, at two positions, with what readers use of the first. */
function beginningOf(head: string, positions: readonly [string, string], { alone = true, live = "one__v2" } = {}): Promise<string> {
  const parts = {
    projections: [one, two], alone, tail: { head },
    reach: { positionOf: ({ name }: { name: string }) => Promise.resolve(positions[name === "one" ? 0 : 1]) },
    models: { get: (_: string, name: string) => Promise.resolve(name === "one" ? { live } : null) },
  };
  return new Beginning(parts as unknown as BeginningParts).position();
}

describe("reading begins", () => {
  it("at once where there is nothing yet, or all of it is folded", async () => {
    expect(await beginningOf("", ["", ""])).toBe("");
    expect(await beginningOf("0005", ["0005", "0005"])).toBe("");
  });

  it("at the end of a log of which nothing is folded yet, or where a first build broke off", async () => {
    expect(await beginningOf("0005", ["", ""])).toBe("0005");
    expect(await beginningOf("0005", ["", ""], { alone: false })).toBe("0005");
    expect(await beginningOf("0005", ["0002", "0002"])).toBe("0005");
  });

  it("at once with what is whole, if old: an earlier release's, a former worker's, or all but one that is new", async () => {
    expect(await beginningOf("0005", ["0004", "0004"], { live: "one__v1" })).toBe("");
    expect(await beginningOf("0005", ["0004", "0004"], { alone: false })).toBe("");
    expect(await beginningOf("0005", ["", "0005"])).toBe("");
  });
});

describe("a server whose read models are built from nothing", () => {
  let stores: Stores;
  const running: TestApp[] = [];
  const letThrough: (() => void)[] = [];
  const open = () => openStores(readConfig({ AGENTHUB_DATA_DIR: ":memory:", AGENTHUB_LOG_LEVEL: "silent" }));

  beforeEach(async () => { stores = await open(); });
  afterEach(async () => {
    for (const release of letThrough.splice(0)) release();
    for (const app of running.splice(0)) await app.close();
    await stores.close();
  });

  it("asks readers to come again until they are whole, shows an operator how far they are, and takes commands", async () => {
    const first = await startTestApp({ stores: { ...stores, close: () => Promise.resolve() } });
    const agent = await first.registerAgent();
    const instance = await first.createInstance(agent);
    await first.close();

    const fresh = await open();
    const { promise: held, resolve: release } = Promise.withResolvers<void>();
    letThrough.push(release);
    const readModels: Stores["readModels"] = { ...fresh.readModels, write: async (name, operations) => {
      // Keys can be looked up; the rest is being built.
      if (name.startsWith("instances")) await held;
      return await fresh.readModels.write(name, operations);
    } };
    const { credentials, runtime, agent: driver } = first.world;
    const next = await startTestApp({
      stores: { ...stores, readModels, close: () => fresh.close() }, credentials, runtime, agent: driver, settings: { AGENTHUB_READ_PATIENCE: "100ms" },
    });
    running.push(next);
    await until(async () => (await next.call("GET", "/admin/projections", { as: "operator" })).status === 200, { timeout: 60_000, what: "keys to be known" });
    const notAll = expect.stringContaining("not all");
    for (const path of ["/marketplace/instances", `/marketplace/instances/${instance}`, "/marketplace/agents"]) {
      const { status, body, headers } = await next.call("GET", path);
      expect({ path, status, detail: body.detail, after: headers.get("retry-after") }).toEqual({ path, status: 503, detail: notAll, after: "1" });
    }
    expect((await next.call("POST", `/marketplace/instances/${instance}/execute`, { body: { endpoint: "/x" } })).status).toBe(200);
    release();
    await until(async () => (await next.call("GET", `/marketplace/instances/${instance}`)).status === 200, { timeout: 60_000, what: "the whole to be readable" });
    expect((await next.call("GET", "/marketplace/agents")).body.agents).toHaveLength(1);
  }, 120_000);
});
