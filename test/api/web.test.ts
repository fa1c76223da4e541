import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { startTestApp, type TestApp } from "#test/support/app.ts";

let app: TestApp;
beforeAll(async () => { app = await startTestApp(); });
afterAll(async () => { await app.close(); });

const page = async (): Promise<{ readonly html: string; readonly policy: string; readonly addresses: readonly string[] }> => {
  const answer = await app.call("GET", "/", { key: null });
  const html = answer.body as string;
  return { html, policy: answer.headers.get("content-security-policy") ?? "", addresses: [...html.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map((match) => match[1] ?? "") };
};

test("everything that the page names is there, as what a browser takes it for, and kept for good", async () => {
  const { addresses } = await page();
  expect(addresses.length).toBeGreaterThan(20);
  const answers = await Promise.all(addresses.map((address) => app.call("GET", address, { key: null })));
  expect(answers.map(({ status }) => status)).toEqual(addresses.map(() => 200));
  for (const { headers } of answers) {
    expect(headers.get("content-type")).toMatch(/^text\/(javascript|css); charset=utf-8$/);
    expect(headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
  }
});

test("scripts come without types, and imports lead to what is served", async () => {
  const { addresses } = await page();
  for (const address of addresses.filter((name) => name.endsWith(".ts"))) {
    const source = (await app.call("GET", address, { key: null })).body as string;
    expect(source).not.toMatch(/^\s*(export )?(interface|type) \w+/m);
    for (const [, name = ""] of source.matchAll(/^import .*?from "([^"]+)";/gm)) {
      const base = address.replace(/\/(app|client)\/.*/, "");
      const target = name.startsWith(".") ? new URL(name, `http://host${address}`).pathname
        : name.startsWith("#client/") ? `${base}/client/${name.slice("#client/".length)}` : `${base}/vendor/${name}.js`;
      expect(addresses).toContain(target);
    }
  }
});

test("the page may run its own scripts alone, and is asked for anew each time", async () => {
  const { policy, html } = await page();
  expect(policy).toContain("default-src 'none'");
  expect(policy).toMatch(/script-src 'self' 'sha256-[A-Za-z0-9+/=]+';/);
  expect(policy).not.toContain("unsafe");
  expect(html.match(/<script(?! type="(?:importmap|module)")/)).toBeNull();
  expect((await app.call("GET", "/", { key: null })).headers.get("cache-control")).toBe("no-cache");
});

test("nothing else of the disk is served, and an unknown address stays a problem", async () => {
  for (const path of ["/assets/x/app/nothing.ts", "/assets/x/..%2f..%2fpackage.json", "/assets/x/app/%2e%2e/%2e%2e/package.json", "/web/index.html", "/instances"]) {
    const { status, headers } = await app.call("GET", path, { key: null });
    expect({ path, status }).toEqual({ path, status: 404 });
    expect(headers.get("content-type")).toContain("application/problem+json");
  }
});

test("an address of an older version gives the present file, which nobody keeps", async () => {
  const { status, headers } = await app.call("GET", "/assets/0123456789abcdef/style.css", { key: null });
  expect(status).toBe(200);
  expect(headers.get("cache-control")).toBe("no-store");
});
