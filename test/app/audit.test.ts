import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { type Application, run } from "#app/application.ts";
import { auditOf } from "#app/audits.ts";
import { T } from "#app/container.ts";
import type { ReadSide } from "#app/read-side.ts";
import type { EventStore } from "#commands/ports.ts";
import type { StoredEvent } from "#domain/kernel/event.ts";
import { instances } from "#projections/instances.ts";
import type { StoredDocument } from "#projections/ports.ts";
import { collectionName } from "#projections/projection.ts";
import { callerOf } from "#test/support/app.ts";
import { until } from "#test/support/until.ts";
import { openTestWorld, testImage, type TestWorld } from "#test/support/world.ts";

let world: TestWorld;
let app: Application;
let readSide: ReadSide;
let call: ReturnType<typeof callerOf>;
let instance: string;

/** An instance that ran two tasks and was ended, so that nothing of its bill moves any more. */
beforeEach(async () => {
  world = await openTestWorld();
  app = await run(world);
  readSide = await app.container.getAsync(T.readSide);
  const { admin_key: operator, publisher_key: publisher, customer_key: customer } = world.credentials;
  call = callerOf(app.url, { operator, publisher, customer });
  const metadata = { name: "audited", version: "1.0.0", pricing: { type: "hybrid", base_price: "1", price_per_request: "0.25" } };
  const { body: { agent_id } } = await call("POST", "/agents/register-docker", { as: "publisher", body: { docker_image: testImage, metadata } });
  instance = (await call("POST", "/marketplace/instances", { body: { agent_id } })).body.instance_id as string;
  for (const input of [1, 2]) await call("POST", `/marketplace/instances/${instance}/execute`, { body: { endpoint: "/x", parameters: { input } } });
  await call("DELETE", `/marketplace/instances/${instance}`);
  // Its end is the last that is written of it; from there on no projection writes under a test's hands.
  const last = await until(async () => (await world.stores.events.readAll({ direction: "backwards", max: 1 })).find(({ type }) => type === "InstanceTerminated"), { what: "the end of the instance" });
  await until(() => readSide.waitFor(last.position, 1000), { what: "the read models' end" });
});

afterEach(async () => { await app.close(); });

const everything = async () => (await call("GET", "/billing/audit", { as: "operator" })).body as { agrees: boolean; differences: { read_model: string; field: string; from_events: string; from_read_model: string }[] };
const found = async () => (await everything()).differences.map(({ read_model, field }) => [read_model, field].join("."));

async function tamper(collection: string, change: (document: StoredDocument) => object): Promise<void> {
  const { readModels } = world.stores;
  const document = await readModels.get(collection, instance);
  if (document === null) throw new Error("there is no such document");
  await readModels.write(collection, [{ document: { ...document, ...change(document) }, expected: document._v }]);
}

/** The same audit over a log in which somebody changed what is there. */
function auditOfLog(change: (event: StoredEvent) => StoredEvent | null) {
  const { events } = world.stores;
  const changed: EventStore = Object.assign(Object.create(events) as EventStore, {
    readAll: async (...asked: Parameters<EventStore["readAll"]>) => (await events.readAll(...asked)).flatMap((event) => change(event) ?? []),
  });
  return auditOf({ ...world, stores: { ...world.stores, events: changed } }, readSide)({});
}

describe("an audit", () => {
  it("agrees with what was never touched: of everybody, one account, one instance, a month, an instant", async () => {
    expect(await everything()).toMatchObject({ agrees: true, differences: [] });
    const month = new Date(world.clock.now()).toISOString().slice(0, 7);
    for (const query of ["", `?instance=${instance}`, `?period=${month}`, `?as_of=${new Date(world.clock.now()).toISOString()}`]) {
      const { body } = await call("GET", `/billing/audit${query}`);
      expect(body).toMatchObject({ agrees: true, differences: [], instances: [{ instance_id: instance, total_cost: "1.50", total_cost_micros: "1500000" }] });
    }
    const other = (await call("GET", "/account", { as: "publisher" })).body.account_id as string;
    expect((await call("GET", `/billing/audit?instance=${instance}&account=${other}`, { as: "operator" })).status).toBe(404);
    expect((await call("GET", "/billing/audit?as_of=2001-01-01T00:00:00Z")).body).toMatchObject({ agrees: true, instances: [] });
  });

  it("finds a bill that was changed in a read model, and one whose customer or price was", async () => {
    const meterOf = ({ meter }: StoredDocument) => meter as { months: Record<string, object> };
    await tamper("instance-billing__v1", (document) => ({ meter: { ...meterOf(document), months: Object.fromEntries(Object.entries(meterOf(document).months).map(([month, figures]) => [month, { ...figures, requests: "1" }])) } }));
    expect(await everything()).toMatchObject({ agrees: false });
    expect(await found()).toEqual(expect.arrayContaining(["instance-billing.task_cost", "instance-billing.total_cost"]));
    await tamper(collectionName(instances), (document) => ({ request: { ...document["request"] as object, price: { ...(document["request"] as { price: object }).price, price_per_request: "0.2" } } }));
    expect(await found()).toEqual(expect.arrayContaining(["instances.total_cost", "instances.price"]));
    await tamper("instance-billing__v1", () => ({ customer_id: "account-00000000-0000-4000-8000-000000000001" }));
    expect(await found()).toContain("instance-billing.customer_id");
  });

  it("finds a bill that nothing in the log speaks of", async () => {
    const { readModels } = world.stores;
    const document = await readModels.get("instance-billing__v1", instance);
    await readModels.write("instance-billing__v1", [{ document: { ...document, _id: "instance-00000000-0000-4000-8000-000000000001", _v: document?._v ?? "" }, expected: null }]);
    expect((await everything()).differences).toMatchObject([{ read_model: "instance-billing", field: "document", from_events: "missing", from_read_model: "billed" }]);
  });

  it("finds a log in which an event was changed, taken out, moved or put in twice", async () => {
    expect(await auditOfLog((event) => event)).toMatchObject({ agrees: true });
    const cheaper = await auditOfLog((event) => (event.type === "InstanceRequested"
      ? { ...event, data: { ...event.data as object, price: { ...(event.data as { price: object }).price, base_price: "0.5" } } } : event));
    expect(cheaper.differences).toEqual(expect.arrayContaining([expect.objectContaining({ field: "base_cost", from_events: "0.50", from_read_model: "1.00" })]));
    const shortened = await auditOfLog((event) => (event.type === "TaskSucceeded" && event.revision < 2 ? null : event));
    expect(shortened.differences).toEqual(expect.arrayContaining([expect.objectContaining({ field: "event", from_events: expect.stringMatching(/@1 is missing$/) })]));
    const unreadable = await auditOfLog((event) => (event.type === "InstanceStarted" ? { ...event, data: {} } : event));
    expect(unreadable.differences).toEqual(expect.arrayContaining([expect.objectContaining({ field: "event", from_events: expect.stringContaining("(InstanceStarted)") })]));
    const moved = await auditOfLog((event) => (event.type === "TaskSucceeded" ? { ...event, data: { ...event.data as object, instance_id: "instance-00000000-0000-4000-8000-000000000001" } } : event));
    expect(moved.agrees).toBe(false);
    const unenrolled = await auditOfLog((event) => (event.type === "InstanceEnrolled" ? null : event));
    expect(unenrolled.differences).toMatchObject([{ field: "ledger" }]);
    let first: StoredEvent | undefined;
    const doubled = await auditOfLog((event) => {
      first ??= event.type === "TaskSucceeded" ? event : undefined;
      return event.type === "TaskSucceeded" && event !== first && first !== undefined ? { ...event, data: first.data } : event;
    });
    expect(doubled.differences).toEqual(expect.arrayContaining([expect.objectContaining({ field: "doubled_charge" })]));
  });
});
