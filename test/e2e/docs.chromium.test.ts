import { expect, test } from "@jest/globals";
import { dashboardSuite } from "#test/support/chromium.ts";

const measure = `({
  overflow: document.documentElement.scrollWidth - innerWidth,
  headings: document.querySelectorAll("h1").length,
  lost: [...document.querySelectorAll('a[href^="#"]')].filter((link) => document.getElementById(link.getAttribute("href").slice(1)) === null).length,
  doubled: [...document.querySelectorAll("[id]")].filter(({ id }, at, all) => all.findIndex((other) => other.id === id) !== at).length,
  operations: document.querySelectorAll("details[id]").length,
})`;

dashboardSuite("the page that describes the interface", (opened) => {
  test.each([360, 1440])("fits a width of %i, asks for nothing but itself, and every link within it leads somewhere", async (width) => {
    const { app, visit } = opened();
    const { page, faults } = await visit({ viewport: { width, height: 800 } });
    const asked: string[] = [];
    page.on("request", (request) => asked.push(request.url()));
    await page.goto(`${app.url}/docs`);
    await page.getByText("/marketplace/instances/{id}/execute").first().click();
    await page.getByText('"input": "data to process"').first().waitFor();
    const { paths } = (await app.call("GET", "/openapi.json")).body as { paths: Record<string, object> };
    const operations = Object.values(paths).reduce((sum, methods) => sum + Object.keys(methods).length, 0);
    expect(await page.evaluate<object>(measure)).toEqual({ overflow: 0, headings: 1, lost: 0, doubled: 0, operations });
    expect([asked, faults]).toEqual([[`${app.url}/docs`], []]);
    await page.context().close();
  }, 120_000);
});
