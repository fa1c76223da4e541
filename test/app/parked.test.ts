import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { noStream } from "#commands/ports.ts";
import { accountOpened } from "#domain/account/account.ts";
import { systemIds } from "#infra/system/ids.ts";
import { startTestApp, type TestApp } from "../support/app.ts";
import { ids } from "../support/facts.ts";
import { recorded } from "../support/given.ts";
import { until } from "../support/until.ts";

interface Parked { readonly projection: string; readonly type: string; readonly stream: string; readonly revision: number; readonly reason: string }

let app: TestApp;
const as = "operator";
const parked = async (): Promise<Parked[]> => (await app.call("GET", "/admin/projections/parked", { as })).body.parked as Parked[];
const projections = async () => (await app.call("GET", "/admin/projections", { as })).body.projections as { name: string; status: string; parked: number; collection: string }[];

beforeAll(async () => { app = await startTestApp(); });
afterAll(async () => { await app.close(); });

describe("events that nobody can read", () => {
  it("are passed over with a reason and stop nothing else", async () => {
    const known = recorded(accountOpened({ account_id: ids.account, name: "later", roles: ["customer"], currency: "USD" }), "2026-11-01T00:00:00.000Z", systemIds.random());
    const newer = { ...known, id: systemIds.random(), metadata: { ...known.metadata, schema_version: 99 } };
    const unheard = { ...known, id: systemIds.random(), type: "ThingHappened", data: { of: "tomorrow" } };
    await app.world.stores.events.append("account-of-tomorrow", [newer, unheard], noStream);
    const agentId = await app.registerAgent();
    await app.createInstance(agentId);
    expect((await app.call("GET", "/marketplace/instances")).body.instances).toHaveLength(1);
    expect((await parked()).map(({ projection, type, stream, revision, reason }) => [projection, type, stream, revision, reason])).toEqual([
      ["*", "AccountOpened", "account-of-tomorrow", 0, expect.stringContaining("has version 99")],
      ["*", "ThingHappened", "account-of-tomorrow", 1, expect.stringContaining("no event type that this release knows")],
    ]);
    expect((await projections()).map((one) => one.parked)).toEqual((await projections()).map(() => 2));
    expect((await app.call("GET", "/metrics", { key: null })).body).toMatch(/agenthub_projection_parked_events\{projection="instances"\} 2/);
  });

  it("are read once more on replay, and parked again while nothing has changed", async () => {
    const before = await projections();
    const { status, body } = await app.call("POST", "/admin/projections/replay", { as, body: {} });
    expect([status, body.projections]).toEqual([202, before.map(({ name }) => name)]);
    await until(async () => (await projections()).every((one, n) => one.status === "live" && one.collection !== before[n]?.collection));
    expect(await parked()).toHaveLength(2);
    expect((await app.call("GET", "/marketplace/instances")).body.instances).toHaveLength(1);
  });
});
