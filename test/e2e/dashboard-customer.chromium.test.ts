import { expect, test } from "@jest/globals";
import type { Page } from "playwright-core";
import { arrive, dashboardSuite, signedInWith } from "#test/support/chromium.ts";

const long = 180_000;

const button = (page: Page, name: string) => page.getByRole("button", { name, exact: true });
const heading = (page: Page, name: string) => page.getByRole("heading", { level: 1, name, exact: true });
const status = (page: Page, name: string) => page.locator(".under-title .status").getByText(name, { exact: true });
/** The live mark says when the subscription stands. */
const live = (page: Page) => page.locator("header").getByText("Live", { exact: true }).waitFor();

dashboardSuite("a customer at the dashboard", (opened) => {
  test("a wrong key is explained, a right one opens the pages of its role, and signing out forgets it", async () => {
    const { app, visit } = opened();
    const { page, faults } = await visit();
    await arrive(page, app.url);
    await page.getByLabel("API key").fill("ah_wrong");
    await button(page, "Sign in").click();
    await page.getByText("This key is not valid").waitFor();

    await page.getByLabel("API key").fill(app.keys.customer);
    await button(page, "Sign in").click();
    await heading(page, "Overview").waitFor();
    const links = await page.getByRole("navigation", { name: "Main" }).getByRole("link").allTextContents();
    expect(links).toEqual(["Overview", "Discover", "Instances", "Billing"]);

    await page.reload();
    await heading(page, "Overview").waitFor();
    await button(page, "Sign out").click();
    await button(page, "Sign in").waitFor();
    expect(await page.evaluate("sessionStorage.length")).toBe(0);
    expect(faults).toEqual([]);
    await page.context().close();
  }, long);

  test("an agent is found and started; its instance works, pauses, resumes and ends", async () => {
    const { app, visitAs } = opened();
    await app.registerAgent({ name: "worker", description: "Does as it is told", endpoints: [{ path: "/echo", method: "POST" }], pricing: { type: "hybrid", base_price: "1.00", price_per_hour: "3.60", price_per_request: "0.25" } });
    const { page, faults } = await visitAs("customer", "discover");
    await page.getByLabel("Search", { exact: true }).fill("worker");
    await button(page, "Search").click();
    await page.getByRole("link", { name: "worker", exact: true }).click();
    await heading(page, "worker").waitFor();
    const { promise: started, resolve: start } = Promise.withResolvers<void>();
    app.world.runtime.hook = ({ verb }) => (verb === "start" ? started : undefined);
    await button(page, "Start an instance").click();
    await page.getByRole("dialog").getByLabel("Labels").fill("team=blue");
    await page.getByRole("dialog").getByRole("button", { name: "Start", exact: true }).click();

    await status(page, "starting").waitFor();
    await page.getByRole("progressbar", { name: "Progress of the start" }).waitFor();
    await live(page);
    start();
    await status(page, "running").waitFor();
    app.world.runtime.hook = () => undefined;
    await page.getByLabel("Parameters").fill('{"text": "good morning"}');
    await button(page, "Execute").click();
    await page.getByText("The task completed", { exact: false }).waitFor();
    expect(await page.getByLabel("Result", { exact: true }).textContent()).toContain("good morning");
    await page.getByText("and cost 0.25 USD", { exact: false }).waitFor();

    await button(page, "Pause").click();
    await status(page, "paused").waitFor();
    await page.getByRole("listitem").filter({ hasText: "InstancePaused" }).waitFor();
    await button(page, "Resume").click();
    await status(page, "running").waitFor();

    await page.getByRole("link", { name: "Tasks", exact: true }).click();
    await page.getByRole("cell", { name: "completed" }).waitFor();
    await page.getByRole("link", { name: "Settings", exact: true }).click();
    await page.getByText("team=blue").waitFor();

    await button(page, "Terminate").click();
    await page.getByRole("dialog", { name: "Terminate this instance?" }).waitFor();
    await button(page, "Cancel").click();
    await status(page, "running").waitFor();
    await button(page, "Terminate").click();
    await button(page, "Terminate for good").click();
    await status(page, "stopped").waitFor();
    expect(await button(page, "Execute").count()).toBe(0);
    expect(faults).toEqual([]);
    await page.context().close();
  }, long);

  test("a task that fails and parameters that are no JSON are explained", async () => {
    const { app, visitAs } = opened();
    const id = await app.createInstance(await app.registerAgent({ name: "clumsy" }));
    app.world.agent.behave = () => Promise.reject(new Error("cannot do that", { cause: { error: "nothing to count" } }));
    const { page } = await visitAs("customer", `instances/${id}`);
    await status(page, "running").waitFor();
    await page.getByLabel("Parameters").fill("{");
    await button(page, "Execute").click();
    await page.getByRole("alert").getByText("The parameters are not JSON", { exact: false }).waitFor();
    await page.getByLabel("Parameters").fill("{}");
    await button(page, "Execute").click();
    await page.getByRole("alert").getByText("Trace", { exact: false }).waitFor();
    await page.getByRole("alert").getByText("nothing to count", { exact: false }).waitFor();
    app.world.agent.behave = ({ parameters }) => Promise.resolve({ echo: parameters });
    await button(page, "Execute").click();
    await page.getByText("The task completed", { exact: false }).waitFor();
    expect(await page.getByRole("alert").count()).toBe(0);
    await page.context().close();
  }, long);

  test("a key that is revoked ends the session with a word about it", async () => {
    const { app, visit } = opened();
    const made = await app.call("POST", "/api-keys", { body: { label: "for a while" } });
    expect(made.status).toBe(201);
    const { page } = await visit();
    await page.addInitScript({ content: signedInWith(made.body.api_key as string) });
    await arrive(page, app.url);
    await heading(page, "Overview").waitFor();
    await live(page);
    expect((await app.call("DELETE", `/api-keys/${made.body.key_id as string}`)).status).toBeLessThan(300);
    await page.getByText("The key is not valid any more", { exact: false }).waitFor();
    await button(page, "Sign in").waitFor();
    await page.context().close();
  }, long);

  test("what happens elsewhere is seen as it happens", async () => {
    const { app, visitAs } = opened();
    const id = await app.createInstance(await app.registerAgent({ name: "watched" }));
    const { page } = await visitAs("customer", "instances");
    const row = page.getByRole("row").filter({ has: page.getByRole("link", { name: "watched" }) });
    await row.getByText("running", { exact: true }).waitFor();
    await live(page);
    expect((await app.call("POST", `/marketplace/instances/${id}/pause`, { body: {} })).status).toBe(200);
    await row.getByText("paused", { exact: true }).waitFor();
    const second = await app.createInstance(await app.registerAgent({ name: "newcomer" }));
    await page.locator(`a[href="#/instances/${second}"]`).waitFor();
    expect(page.url()).toContain("#/instances");
    await page.context().close();
  }, long);

  test("a lost connection is told, and what was missed is caught up on", async () => {
    const { app, visit } = opened();
    const id = await app.createInstance(await app.registerAgent({ name: "remote" }));
    const { page } = await visit();
    const open: { close(): Promise<void> }[] = [];
    let reachable = true;
    await page.routeWebSocket(/socket\.io/, (socket) => {
      if (!reachable) {
        void socket.close();
        return;
      }
      socket.connectToServer();
      open.push(socket);
    });
    await page.addInitScript({ content: signedInWith(app.keys.customer) });
    await page.goto(`${app.url}/#/instances/${id}`);
    await status(page, "running").waitFor();
    await live(page);
    reachable = false;
    await Promise.all(open.map((socket) => socket.close()));
    await page.getByText("Connection lost", { exact: false }).waitFor();
    expect((await app.call("POST", `/marketplace/instances/${id}/pause`, { body: {} })).status).toBe(200);
    reachable = true;
    await status(page, "paused").waitFor();
    await page.getByText("Connection lost", { exact: false }).waitFor({ state: "detached" });
    expect(reachable).toBe(true);
    await page.context().close();
  }, long);

  test("the bill shows exact amounts by month, agent and instance", async () => {
    const { app, visitAs } = opened();
    const agent = await app.registerAgent({ name: "billed", pricing: { type: "per_request", price: "0.123456" } });
    const id = await app.createInstance(agent);
    for (let at = 0; at < 2; at++) expect((await app.call("POST", `/marketplace/instances/${id}/execute`, { body: { endpoint: "/echo" } })).status).toBe(200);
    const { page, faults } = await visitAs("customer", "billing");
    await heading(page, "Billing").waitFor();
    await page.getByRole("img", { name: /^By month, in USD/ }).waitFor();
    const byInstance = page.getByRole("table", { name: "By instance" }).getByRole("row").filter({ has: page.locator(`a[href="#/instances/${id}/bill"]`) });
    await byInstance.getByText("0.246912 USD").first().waitFor();
    await page.getByRole("table", { name: "By agent" }).getByRole("row").filter({ hasText: "billed" }).getByText("0.246912 USD").waitFor();
    await byInstance.getByRole("link").click();
    await page.getByRole("term").filter({ hasText: "Total" }).waitFor();
    await page.getByText("0.246912 USD").first().waitFor();
    expect(faults).toEqual([]);
    await page.context().close();
  }, long);
});
