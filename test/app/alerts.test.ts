import { afterEach, beforeEach, describe, expect, it, jest } from "@jest/globals";
import type { Alert } from "#reactions/alerts.ts";
import { startTestApp, type TestApp } from "#test/support/app.ts";
import { until } from "#test/support/until.ts";

let app: TestApp;
beforeEach(async () => { app = await startTestApp({ settings: { AGENTHUB_MAINTENANCE_INTERVAL: "200ms" } }); });
afterEach(() => app.close());

const alerts = async (): Promise<Alert[]> => (await app.call("GET", "/admin/alerts", { as: "operator" })).body.alerts;
const raised = (what: string, which: (alert: Alert) => boolean) => until(async () => (await alerts()).find(which), { what });
const cleared = (what: string, which: (alert: Alert) => boolean) => until(async () => !(await alerts()).some(which), { what });
const metrics = async (): Promise<string> => (await app.call("GET", "/metrics", { key: null })).body;

describe("alerts of a running application", () => {
  it("find a bill that somebody changed, name the instance and the figure, and end when it is put right", async () => {
    const agent = await app.registerAgent({ pricing: { type: "hybrid", base_price: "1", price_per_request: "0.25" } });
    const instance = await app.createInstance(agent);
    await app.call("POST", `/marketplace/instances/${instance}/execute`, { body: { endpoint: "/x" } });
    await app.call("DELETE", `/marketplace/instances/${instance}`);
    const { readModels, events } = app.world.stores;
    const collection = "instance-billing__v1";
    // Its end is the last that is written of it; from there on no projection writes under the test's hands.
    const { position } = await until(async () => (await events.read(instance)).find(({ type }) => type === "InstanceTerminated"), { what: "the end of the instance" });
    const standsAt = async () => (await app.call("GET", "/admin/projections", { as: "operator" })).body.projections.find(({ name }: { name: string }) => name === "instance-billing").position as string;
    await until(async () => await standsAt() >= position, { what: "the whole bill" });
    const whole = await readModels.get(collection, instance);
    if (whole === null) throw new Error("there is no bill");
    const price = whole["price"] as object;
    await readModels.write(collection, [{ document: { ...whole, price: { ...price, price_per_request: "0.2" } }, expected: whole._v }]);
    const about = ({ code, subject }: Alert) => code === "bill-differs" && subject === instance;
    expect(await raised("an alert about the bill", about)).toMatchObject({ severity: "error", words: expect.stringMatching(/instance-billing\.\w+ is /) });
    await until(async () => /agenthub_alerts\{code="bill-differs",severity="error"\} 1\n/.test(await metrics()), { what: "the figure of it" });
    expect(await metrics()).toMatch(/agenthub_maintenance_bills_differing_total [1-9]/);
    await readModels.write(collection, [{ document: whole, expected: whole._v }]);
    await cleared("the end of the alert", about);
    expect(await metrics()).not.toContain('code="bill-differs"');
  }, 60_000);

  it("tell an engine that went away, and that it is back; nothing is told of what is well", async () => {
    await until(async () => /agenthub_maintenance_runs_total [1-9]/.test(await metrics()), { what: "a first round" });
    expect(await alerts()).toEqual([]);
    const about = ({ code }: Alert) => code === "engine-away";
    app.world.runtime.hook = () => { throw new Error("refused"); };
    const { since } = await raised("an alert about the engine", about);
    const runs = async () => Number(/agenthub_maintenance_runs_total (\d+)/.exec(await metrics())?.[1]);
    const before = await runs();
    await until(async () => await runs() > before + 1, { what: "two more rounds" });
    expect((await alerts()).find(about)).toEqual({ code: "engine-away", severity: "error", subject: "docker", words: "The container engine docker does not answer; its instances wait for it: refused", since });
    app.world.runtime.hook = () => undefined;
    await cleared("the end of the alert", () => true);
  }, 60_000);

  it("do not call a store away that answers when it is asked again", async () => {
    const { system } = app.world.stores;
    let asked = 0;
    const answered = jest.spyOn(system, "health").mockImplementation(async () => { asked += 1; return asked % 2 === 0 ? { ok: true } : { ok: false, detail: "late" }; });
    const seen = new Set<string>();
    // Each round asks twice.
    await until(async () => { for (const { code } of await alerts()) seen.add(code); return asked >= 8; }, { timeout: 60_000, what: "a few rounds" });
    answered.mockRestore();
    expect([...seen]).toEqual([]);
  }, 90_000);
});
