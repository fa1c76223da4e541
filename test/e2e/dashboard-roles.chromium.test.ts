import { expect, test } from "@jest/globals";
import { arrive, dashboardSuite } from "#test/support/chromium.ts";
import { until } from "#test/support/until.ts";

const long = 180_000;

dashboardSuite("publishers and operators at the dashboard", (opened) => {
  test("a publisher sees agents and revenue, and changes a price for instances to come", async () => {
    const { app, visitAs } = opened();
    const agent = await app.registerAgent({ name: "priced", pricing: { type: "per_request", price: "0.02" } });
    const id = await app.createInstance(agent);
    expect((await app.call("POST", `/marketplace/instances/${id}/execute`, { body: { endpoint: "/echo" } })).status).toBe(200);
    const { page, faults } = await visitAs("publisher", "publisher");
    const row = page.getByRole("table", { name: "Your agents" }).getByRole("row").filter({ has: page.getByRole("link", { name: "priced" }) });
    await row.getByText("0.02 USD a request").waitFor();
    await row.getByText("100.0 %").waitFor();
    await page.getByRole("heading", { name: "Revenue in USD" }).waitFor();

    await page.getByRole("button", { name: "Change the price of priced" }).click();
    const dialog = page.getByRole("dialog", { name: "Price of priced" });
    await dialog.getByLabel("Price a request in USD").fill("-1");
    await dialog.getByRole("button", { name: "Change price" }).click();
    await dialog.getByRole("alert").waitFor();
    await dialog.getByLabel("Price a request in USD").fill("0.035");
    await dialog.getByRole("button", { name: "Change price" }).click();
    await dialog.waitFor({ state: "detached" });
    await row.getByText("0.035 USD a request").waitFor();
    expect((await app.call("GET", `/agents/${agent}`)).body.marketplace_info.pricing_info.price).toBe(0.035);
    expect((await app.call("GET", `/billing/instances/${id}`)).body.total_cost).toBe(0.02);
    expect(faults).toEqual([]);
    await page.context().close();
  }, long);

  test("what a role may not see is not in its navigation and not behind an address", async () => {
    const { visitAs } = opened();
    const { page } = await visitAs("publisher", "operator");
    await page.getByRole("heading", { level: 1, name: "Not found" }).waitFor();
    expect(await page.getByRole("navigation", { name: "Main" }).getByRole("link").allTextContents()).toEqual(["Discover", "My agents"]);
    await page.context().close();
  }, long);

  test("an operator opens an account, whose key is shown once and works", async () => {
    const { app, visit, visitAs } = opened();
    const { page, faults } = await visitAs("operator", "operator");
    await page.getByRole("button", { name: "Open an account" }).click();
    const form = page.getByRole("dialog", { name: "Open an account" });
    await form.getByLabel("Name").fill("Acme");
    await form.getByLabel("publisher").check();
    await form.getByRole("button", { name: "Open account" }).click();
    const key = await page.getByLabel("API key").textContent() ?? "";
    expect(key).toMatch(/^ah_/);
    await page.getByRole("button", { name: "Done" }).click();
    await page.getByRole("cell", { name: "Acme" }).waitFor();
    expect(await page.content()).not.toContain(key);

    const own = await visit();
    await arrive(own.page, app.url);
    await own.page.getByLabel("API key").fill(key);
    await own.page.getByRole("button", { name: "Sign in" }).click();
    await own.page.getByText("You have no instances yet.").waitFor();
    expect(await own.page.getByRole("navigation", { name: "Main" }).getByRole("link").allTextContents()).toEqual(["Overview", "Discover", "Instances", "Billing", "My agents"]);
    expect(faults).toEqual([]);
    await Promise.all([page.context().close(), own.page.context().close()]);
  }, long);

  test("an operator sees what is wrong, engines and projections, and that the bills agree with their events", async () => {
    const { app, visitAs } = opened();
    await app.createInstance(await app.registerAgent({ name: "audited", pricing: { type: "per_hour", price: "1.00" } }));
    // As if maintenance had found it; its first round is over, and what it does not know of it leaves alone.
    await until(async () => /agenthub_maintenance_runs_total [1-9]/.test((await app.call("GET", "/metrics", { key: null })).body as string), { what: "the first round of maintenance" });
    const alert = { code: "store-away", severity: "error", subject: "elsewhere", words: "The store of elsewhere does not answer", since: "2026-01-01T00:00:00.000Z" };
    await app.world.stores.system.put("alert", "store-away elsewhere", alert);
    const { page, faults } = await visitAs("operator", "operator");
    await page.getByRole("table", { name: "Alerts" }).getByText(alert.words).waitFor();
    await app.world.stores.system.remove("alert", "store-away elsewhere");
    await page.getByRole("table", { name: "Engines" }).getByText("answers").first().waitFor();
    const projections = page.getByRole("table", { name: "Projections" });
    await projections.getByText("instance-billing", { exact: true }).waitFor();
    await page.getByRole("button", { name: "Run audit" }).click();
    await page.getByText("Every bill agrees with its events.").waitFor();
    expect(faults).toEqual([]);
    await page.context().close();
  }, long);
});
