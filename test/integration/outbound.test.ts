import { createServer } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Dispatcher } from "undici";
import { createHttpDriver } from "#infra/agents/http.ts";
import { isPublicAddress } from "#infra/outbound/addresses.ts";
import { nothingAllowed, parseAllowed } from "#infra/outbound/allowed.ts";
import { checkUrl, EndpointNotAllowed } from "#infra/outbound/check.ts";
import { checkedAddresses } from "#infra/outbound/dial.ts";
import type { Lookup } from "#infra/outbound/dial.ts";
import { guardedDispatcher } from "#infra/outbound/dispatcher.ts";
import { hostileUrls } from "#test/support/agents-hostile.ts";

let honeypot: Server;
let port = 0;
/** The local address of every connection to the honeypot, and the first bytes that came. */
const hits: string[] = [];
const heard: Buffer[] = [];
const sockets = new Set<Socket>();
const dispatchers: Dispatcher[] = [];

const guarded = (allowed: string, lookup: Lookup): Dispatcher => {
  const made = guardedDispatcher(parseAllowed(allowed), lookup);
  dispatchers.push(made);
  return made;
};

beforeAll(async () => {
  honeypot = createServer((socket) => {
    hits.push(socket.localAddress ?? "");
    sockets.add(socket);
    socket.on("error", () => undefined).on("close", () => sockets.delete(socket));
    socket.on("data", (data: Buffer) => {
      heard.push(data);
      if (data.toString("latin1").startsWith("GET ")) socket.end("HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok");
      else socket.destroy();
    });
  });
  await new Promise<void>((resolve) => honeypot.listen(0, "0.0.0.0", resolve));
  port = (honeypot.address() as AddressInfo).port;
});
afterAll(async () => {
  for (const made of dispatchers) await made.destroy();
  await new Promise((resolve) => {
    honeypot.close(resolve);
    for (const socket of sockets) socket.destroy();
  });
});

const inside: Lookup = async () => ["127.0.0.1"];

test("hostile URLs are refused when they are registered", () => {
  const urls = hostileUrls(port);
  expect(urls.length).toBeGreaterThan(400);
  const passed = urls.filter((url) => {
    try {
      checkUrl(url, nothingAllowed);
      return true;
    } catch (error) {
      return !(error instanceof EndpointNotAllowed && error.code === "endpoint-not-allowed");
    }
  });
  expect(passed).toEqual([]);
});

test("hostile URLs are refused when they are dialled, and nothing inside hears of it", async () => {
  const dispatcher = guarded("", inside);
  const driver = createHttpDriver({ dispatchers: { container: dispatcher, remote: dispatcher } });
  const never = new AbortController().signal;
  const before = hits.length;
  const reached: string[] = [];
  for (const address of hostileUrls(port)) {
    const target = { instance_id: "i", agent_id: "a", address, kind: "remote" as const, health_path: "/" };
    const events = await Array.fromAsync(driver.execute(target, { task_id: "t", endpoint: "/", method: "GET", parameters: null, timeout_ms: 30_000 }, never));
    if (events.at(-1)?.type !== "failed") reached.push(address);
    if ((await driver.probe(target, never)).healthy) reached.push(address);
  }
  expect(reached).toEqual([]);
  expect(hits).toHaveLength(before);
  await driver.close();
});

test.each([
  "http://example.com", "https://example.com/agents/one", "https://agents.example.com:8443/x?y=1", "http://xn--bcher-kva.example.com/", "https://bücher.example.com/", "http://8.8.8.8/", "https://1.1.1.1:8080/",
  "http://[2606:4700:4700::1111]/", "https://a_b.example.com/", "http://example.com./", "HTTPS://EXAMPLE.COM/",
])("%s may be registered", (url) => {
  expect(() => checkUrl(url, nothingAllowed)).not.toThrow();
});

test("only addresses of the public Internet are public", () => {
  for (const address of ["8.8.8.8", "1.1.1.1", "172.15.255.255", "172.32.0.1", "100.63.255.255", "168.63.129.17", "2606:4700::1", "2a00:1450::1"]) expect([address, isPublicAddress(address)]).toEqual([address, true]);
  for (const address of ["", "example.com", "127.1", "010.0.0.1", "::", "::1", "::a9fe:a9fe", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::", "fe80::1%eth0", "2606:4700::1%1", "168.63.129.16"])
    expect([address, isPublicAddress(address)]).toEqual([address, false]);
});

test("the operator's hosts, ports and ranges are let through, and nothing beside them", () => {
  const allowed = parseAllowed("localhost, agents.internal:9000,10.1.0.0/16 , fd00::/8, 192.168.1.7,[::1]:8080,db.internal:5432");
  for (const url of ["http://localhost:6379/", "http://LOCALHOST./", "http://agents.internal:9000/", "http://10.1.2.3:22/", "http://[fd12::1]/", "http://192.168.1.7/", "http://[::1]:8080/", "http://db.internal:5432/"])
    expect(() => checkUrl(url, allowed)).not.toThrow();
  for (const url of ["http://agents.internal/", "http://x.localhost/", "http://10.2.0.1/", "http://127.0.0.1/", "http://192.168.1.8/", "http://[::1]:8081/", "http://[fc00::1]/", "http://user@localhost/", "ftp://localhost/", "http://[::ffff:10.1.2.3]/"])
    expect(() => checkUrl(url, allowed)).toThrow(EndpointNotAllowed);
  expect(parseAllowed("")).toEqual(nothingAllowed);
  for (const text of ["http://x", "a b", "10.0.0.0/33", "host:port", "*"]) expect(() => parseAllowed(text)).toThrow("not a host");
});

test("a name that leads inside by a single one of its addresses is refused", async () => {
  const resolved = (...addresses: string[]): Promise<readonly string[]> => checkedAddresses("agents.example.com", 443, nothingAllowed, async () => addresses);
  expect(await resolved("8.8.8.8", "2606:4700::1")).toEqual(["8.8.8.8", "2606:4700::1"]);
  for (const bad of ["127.0.0.1", "10.0.0.1", "::1", "::ffff:10.0.0.1", "169.254.169.254", "::a9fe:a9fe", "fe80::1%eth0", "rubbish", ""]) {
    await expect(resolved(bad)).rejects.toThrow(EndpointNotAllowed);
    await expect(resolved("8.8.8.8", bad)).rejects.toThrow(EndpointNotAllowed);
    await expect(resolved(bad, "8.8.8.8")).rejects.toThrow(EndpointNotAllowed);
  }
  await expect(resolved()).rejects.toThrow("no address");
});

test("a name that changes its address between two looks never leads inside", async () => {
  // 127.0.0.1 plays the public Internet here, 127.0.0.2 the inside; the honeypot hears both.
  const answers = [["127.0.0.1"], ["127.0.0.2"], ["127.0.0.1", "127.0.0.2"], ["127.0.0.2", "127.0.0.1"]];
  let looks = 0;
  const dispatcher = guarded("127.0.0.1", async () => answers[looks++ % answers.length] ?? []);
  const before = hits.length;
  let answered = 0;
  for (let call = 0; call < 400; call++) {
    try {
      const { body } = await dispatcher.request({ origin: `http://agents.example.com:${port}`, path: "/", method: "GET", reset: true });
      expect(await body.text()).toBe("ok");
      answered++;
    } catch (error) {
      expect(error).toHaveProperty("code", "endpoint-not-allowed");
    }
  }
  expect(answered).toBe(100);
  expect(looks).toBe(400);
  expect(hits.slice(before).map((address) => address.replace("::ffff:", ""))).toEqual(Array.from({ length: 100 }, () => "127.0.0.1"));
});

test("TLS dials the checked address and still names the host", async () => {
  const dispatcher = guarded("127.0.0.1", inside);
  const before = heard.length;
  await expect(dispatcher.request({ origin: `https://agents.example.com:${port}`, path: "/", method: "GET" })).rejects.toThrow();
  expect(Buffer.concat(heard.slice(before)).toString("latin1")).toContain("agents.example.com");
});

test("an address that does not answer makes room for the next one", async () => {
  const dispatcher = guarded("127.0.0.1,255.255.255.255", async () => ["255.255.255.255", "127.0.0.1"]);
  const { statusCode, body } = await dispatcher.request({ origin: `http://agents.example.com:${port}`, path: "/", method: "GET", reset: true });
  expect([statusCode, await body.text()]).toEqual([200, "ok"]);
});
