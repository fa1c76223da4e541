import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, describe } from "@jest/globals";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { type As, startTestApp, type TestApp } from "./app.ts";

const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

function installed(): string | undefined {
  const given = process.env["CHROMIUM_PATH"];
  if (given !== undefined && given !== "") return given;
  const folders = ["/usr/bin", ...(process.env["PATH"] ?? "").split(delimiter)];
  return folders.flatMap((folder) => names.map((name) => join(folder, name))).find((file) => existsSync(file));
}

/** The browser that tests use: CHROMIUM_PATH, else the first that is installed. */
const chromiumPath: string | undefined = installed();

/** How long a page may take to show something. */
const patience = 60_000;

/** A script that signs a page in before it starts. Scripts for the page are texts: this program knows no document. */
export const signedInWith = (key: string): string => `sessionStorage.setItem("agenthub.key", ${JSON.stringify(key)})`;

/** A page of the dashboard, and what went wrong inside it. */
export interface Visit {
  readonly page: Page;
  /** Errors of scripts, and what the content security policy refused. */
  readonly faults: readonly string[];
}

/** The application and a browser to look at it. */
export interface Dashboard {
  readonly app: TestApp;
  /** Opens the page in a fresh profile. */
  readonly visit: (options?: BrowserContextOptions) => Promise<Visit>;
  /** The same, signed in, at an address within the page. */
  readonly visitAs: (role: As, path: string, options?: BrowserContextOptions) => Promise<Visit>;
}

/**
 * Opens an address and waits until the page stands. Chromium drops what it is loading when a network interface comes or goes,
 * as it does whenever a container starts on this machine; a person would reload, and so does this.
 */
export async function arrive(page: Page, url: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await (attempt === 1 ? page.goto(url) : page.reload());
      await page.getByRole("heading", { level: 1 }).first().waitFor({ timeout: attempt < 4 ? 15_000 : patience });
      return;
    } catch (error) {
      if (attempt >= 4) throw error;
    }
  }
}

/** A suite in a real browser: skipped aloud without one, but a failure in CI, where one must be. */
export function dashboardSuite(name: string, suite: (opened: () => Dashboard) => void): void {
  if (chromiumPath === undefined && !process.env["CI"]) {
    process.stderr.write(`skipped for want of Chromium: ${name}\n`);
    // oxlint-disable-next-line jest/no-disabled-tests, jest/valid-describe-callback -- said aloud above, and never in CI
    describe.skip(name, () => suite(() => { throw new Error("there is no browser"); }));
    return;
  }
  describe(name, () => {
    let browser: Browser;
    let app: TestApp;

    beforeAll(async () => {
      if (chromiumPath === undefined) throw new Error("there is no Chromium; name one by CHROMIUM_PATH");
      app = await startTestApp();
      browser = await chromium.launch({
        executablePath: chromiumPath, timeout: 120_000,
        args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"],
      });
    }, 180_000);

    afterAll(async () => {
      await browser?.close();
      await app?.close();
    }, 60_000);

    const visit = async (options: BrowserContextOptions = {}): Promise<Visit> => {
      const context = await browser.newContext(options);
      context.setDefaultTimeout(patience);
      const page = await context.newPage();
      const faults: string[] = [];
      page.on("pageerror", (error) => faults.push(error.message));
      page.on("console", (message) => { if (message.text().includes("Content Security Policy")) faults.push(message.text()); });
      return { page, faults };
    };

    suite(() => ({
      app, visit,
      visitAs: async (role, path, options) => {
        const visited = await visit(options);
        await visited.page.addInitScript({ content: signedInWith(app.keys[role]) });
        await arrive(visited.page, `${app.url}/#/${path}`);
        return visited;
      },
    }));
  });
}
