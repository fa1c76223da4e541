import { request } from "node:http";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { clientAddress, countedAs } from "#api/rest/client-address.ts";
import { readConfig } from "#app/config.ts";
import { startTestApp } from "#test/support/app.ts";
import { call, createInstance, registerAgent, slug } from "./calls.ts";
import { startApi, type TestApi } from "./support.ts";

describe("whom a request comes from", () => {
  const from = (proxies: readonly string[], remoteAddress: string, forwarded?: string) =>
    clientAddress(proxies)({ socket: { remoteAddress }, headers: forwarded === undefined ? {} : { "x-forwarded-for": forwarded } } as never);

  test.each([
    ["nobody is believed who is no named proxy", [], "203.0.113.7", "198.51.100.1", "203.0.113.7"],
    ["a named proxy is believed", ["10.0.0.0/8"], "10.1.2.3", "198.51.100.1", "198.51.100.1"],
    ["only the last address that no proxy has", ["10.0.0.0/8"], "10.1.2.3", "1.1.1.1, 198.51.100.1, 10.9.9.9", "198.51.100.1"],
    ["a proxy over a mapped address", ["127.0.0.1"], "::ffff:127.0.0.1", "198.51.100.1", "198.51.100.1"],
    ["a proxy with an IPv6 address", ["fd00::/8"], "fd00::1", "2001:db8::5", "2001:db8::5"],
    ["nonsense in the header", ["10.0.0.0/8"], "10.1.2.3", "198.51.100.1, evil", "10.1.2.3"],
    ["a proxy that tells nothing", ["10.0.0.0/8"], "10.1.2.3", undefined, "10.1.2.3"],
  ] as const)("%s", (_what, proxies, remote, forwarded, expected) => {
    expect(from(proxies, remote, forwarded)).toBe(expected);
  });

  test("addresses of one IPv6 network count as one", () => {
    expect([countedAs("2001:db8::1"), countedAs("2001:DB8:0:0:ffff::2"), countedAs("2001:db8:0:1::1"), countedAs("fe80::1%eth0"), countedAs("192.0.2.1"), countedAs("unknown")])
      .toEqual(["2001:db8:0:0::/64", "2001:db8:0:0::/64", "2001:db8:0:1::/64", "fe80:0:0:0::/64", "192.0.2.1", "unknown"]);
  });

  test("the setting takes addresses and ranges alone", () => {
    expect(readConfig({ AGENTHUB_TRUSTED_PROXIES: "10.0.0.0/8, ::1" }).AGENTHUB_TRUSTED_PROXIES).toEqual(["10.0.0.0/8", "::1"]);
    for (const wrong of ["all", "10.0.0.0/40", "proxy.example.com"]) expect(() => readConfig({ AGENTHUB_TRUSTED_PROXIES: wrong })).toThrow(/^AGENTHUB_TRUSTED_PROXIES: must be addresses or ranges/);
  });
});

describe("limits by address and by key", () => {
  let api: TestApi;
  beforeAll(async () => { api = await startApi({ rate_limits: { per_key: 7, per_address: 4, bad_keys: 0 }, trusted_proxies: ["127.0.0.1"] }); });
  afterAll(() => api.close());
  const get = (path: string, who: string, key = api.customer.key) => call(api.url, "GET", path, { key, headers: { "x-forwarded-for": who } });

  test("count each client behind a proxy for itself, tell what is left, and never count probes", async () => {
    const answers = [];
    for (let count = 0; count < 5; count += 1) answers.push(await get("/account", "198.51.100.1"));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 429]);
    expect(answers.slice(0, 4).map(({ headers }) => [headers.get("ratelimit-limit"), headers.get("ratelimit-remaining")])).toEqual([["7", "6"], ["7", "5"], ["7", "4"], ["7", "3"]]);
    const refused = answers[4];
    expect([refused && slug(refused), refused?.headers.get("ratelimit-limit"), refused?.headers.get("ratelimit-remaining")]).toEqual(["rate-limited", "4", "0"]);
    expect(refused?.headers.get("retry-after")).toMatch(/^[1-9]\d?$/);
    expect(refused?.headers.get("ratelimit-reset")).toMatch(/^[1-9]\d?$/);
    expect((await get("/account", "198.51.100.2")).status).toBe(200);
    for (let count = 0; count < 20; count += 1) for (const probe of ["/livez", "/readyz"]) expect((await get(probe, "198.51.100.1")).status).toBe(200);
  });

  test("a key is limited whatever addresses it comes from", async () => {
    const statuses = [];
    for (let count = 0; count < 8; count += 1) statuses.push((await get("/account", `203.0.113.${count}`, api.publisher.key)).status);
    expect(statuses).toEqual([200, 200, 200, 200, 200, 200, 200, 429]);
  });
});

describe("the end of the server", () => {
  test("ends what is followed, at once and properly", async () => {
    const api = await startApi();
    const instance = await createInstance(api, await registerAgent(api, "followed"));
    let aborted = false;
    Object.assign(api.services.instances, {
      async *logs(_id: string, { signal }: { signal: AbortSignal }) {
        yield { at: "2026-11-01T00:00:00.000Z", stream: "stdout", text: "one" };
        await new Promise<void>((resolve) => { signal.addEventListener("abort", () => { aborted = true; resolve(); }, { once: true }); });
      },
    });
    const first = Promise.withResolvers<void>();
    const ended = new Promise<{ text: string; complete: boolean }>((resolve, reject) => {
      let text = "";
      request(`${api.url}/marketplace/instances/${instance}/logs?follow=true`, { headers: { authorization: `Bearer ${api.customer.key}` } }, (response) => {
        response.on("data", (chunk) => { text += String(chunk); first.resolve(); }).on("end", () => resolve({ text, complete: response.complete })).on("error", reject);
      }).on("error", reject).end();
    });
    await first.promise;
    await api.api.close();
    expect(await ended).toEqual({ text: '{"at":"2026-11-01T00:00:00.000Z","stream":"stdout","text":"one"}\n', complete: true });
    expect(aborted).toBe(true);
    await api.close();
  });
});

describe("what is no HTTP", () => {
  test("is answered with a problem, too", async () => {
    const app = await startTestApp();
    try {
      const { hostname, port } = new URL(app.url);
      const send = (text: string) => new Promise<string>((resolve, reject) => {
        let answer = "";
        const socket = connect(Number(port), hostname, () => { socket.write(text); });
        socket.setEncoding("utf8").on("data", (chunk) => { answer += String(chunk); }).on("close", () => resolve(answer)).on("error", reject);
      });
      for (const text of ["nonsense\r\n\r\n", "GET http://[ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "GET /livez HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"]) {
        const answer = await send(text);
        expect(answer.split("\r\n")[0]).toBe("HTTP/1.1 400 Bad Request");
        expect(JSON.parse(answer.split("\r\n\r\n")[1] ?? "")).toMatchObject({ type: "/problems/malformed-request", status: 400 });
      }
      expect((await app.call("GET", "/livez", { key: null })).status).toBe(200);
    } finally {
      await app.close();
    }
  });
});
