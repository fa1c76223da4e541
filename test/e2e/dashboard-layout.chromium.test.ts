import { expect, test } from "@jest/globals";
import type { Page } from "playwright-core";
import { dashboardSuite } from "#test/support/chromium.ts";
import type { As } from "#test/support/app.ts";

const long = 300_000;
const widths = [360, 820, 1440];

interface Look {
  readonly overflow: number;
  readonly headings: number;
  readonly mains: number;
  readonly unnamed: readonly string[];
}

const measure = `(() => {
  const field = (element) => (element.labels?.length ?? 0) > 0 || element.hasAttribute("aria-label");
  const named = (element) => field(element) || element.hasAttribute("aria-labelledby") || (element.textContent ?? "").trim() !== "";
  const unnamed = [
    ...[...document.querySelectorAll("input, select, textarea, meter, progress")].filter((element) => !field(element)),
    ...[...document.querySelectorAll("button, a, section, nav, [role=img]")].filter((element) => !named(element)),
  ];
  return {
    overflow: document.documentElement.scrollWidth - innerWidth,
    headings: document.querySelectorAll("h1").length,
    mains: document.querySelectorAll("main").length,
    unnamed: unnamed.map((element) => element.outerHTML.slice(0, 120)),
  };
})()`;

/** What anybody who sees or hears the page depends on. */
const look = (page: Page): Promise<Look> => page.evaluate<Look>(measure);

const good: Look = { overflow: 0, headings: 1, mains: 1, unnamed: [] };

dashboardSuite("the dashboard's pages", (opened) => {
  test.each(widths)("fit a width of %i, have one heading, and name everything that one can use", async (width) => {
    const { app, visitAs } = opened();
    const agent = await app.registerAgent({ name: `an-agent-with-a-long-name-${width}`, description: "word ".repeat(60), tags: ["one", "two"], pricing: { type: "hybrid", base_price: "1234.567891", price_per_hour: "0.123456", price_per_request: "0.000001" } });
    const id = await app.createInstance(agent);
    expect((await app.call("POST", `/marketplace/instances/${id}/execute`, { body: { endpoint: "/echo", parameters: { long: "x".repeat(500) } } })).status).toBe(200);
    const instance = `instances/${id}`;
    const pages: readonly (readonly [As, string, string])[] = [
      ["customer", "overview", "Recent activity"], ["customer", "discover", "an-agent-with-a-long-name"], ["customer", `agents/${agent}`, "Endpoints"],
      ["customer", "instances", "an-agent-with-a-long-name"], ["customer", instance, "InstanceStarted"], ["customer", `${instance}/tasks`, "completed"], ["customer", `${instance}/bill`, "Billed time"],
      ["customer", "billing", "By instance"], ["publisher", "publisher", "Revenue in USD"], ["operator", "operator", "instance-billing"],
    ];
    for (const colorScheme of ["light", "dark"] as const) {
      for (const [role, path, text] of pages) {
        const { page, faults } = await visitAs(role, path, { viewport: { width, height: 800 }, colorScheme });
        await page.getByText(text).first().waitFor();
        expect({ path, ...await look(page) }).toEqual({ path, ...good });
        expect(faults).toEqual([]);
        await page.context().close();
      }
      if (width !== 360) break;
    }
  }, long);

  test("the keyboard reaches everything, shows where it is, and finds the heading after a change of page", async () => {
    const { visitAs } = opened();
    const { page } = await visitAs("customer", "overview");
    await page.getByRole("heading", { level: 1, name: "Overview" }).waitFor();
    await page.getByRole("link", { name: "Discover", exact: true }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name: "Discover agents" }).waitFor();
    await page.waitForFunction('document.activeElement?.tagName === "H1" && document.title.startsWith("Discover agents")');
    await page.keyboard.press("Tab");
    const focus = await page.evaluate("({ tag: document.activeElement.tagName, outline: getComputedStyle(document.activeElement).outlineStyle })");
    expect(focus).toEqual({ tag: "INPUT", outline: "solid" });
    await page.context().close();
  }, long);

  test("a dialog takes the focus, closes by Escape, and gives the focus back", async () => {
    const { app, visitAs } = opened();
    const id = await app.createInstance(await app.registerAgent({ name: "kept" }));
    const { page } = await visitAs("customer", `instances/${id}`);
    const terminate = page.getByRole("button", { name: "Terminate", exact: true });
    await terminate.focus();
    await page.keyboard.press("Enter");
    await page.getByRole("dialog", { name: "Terminate this instance?" }).waitFor();
    expect(await page.evaluate('document.activeElement.closest("dialog") !== null')).toBe(true);
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.waitForFunction('document.activeElement.textContent === "Terminate"');
    await page.context().close();
  }, long);
});
