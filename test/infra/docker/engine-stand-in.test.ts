import type { ServerResponse } from "node:http";
import { json } from "node:stream/consumers";
import { afterEach, describe, expect, test } from "@jest/globals";
import { openEngine } from "#infra/docker/client.ts";
import { AccountNetworks, subnetsFor } from "#infra/docker/networks.ts";
import { openDockerRuntime } from "#infra/docker/runtime.ts";
import { until } from "#test/support/until.ts";
import { breakConnections, engine, engineAt, nextRequest, stopEngine } from "./stand-in.ts";

afterEach(stopEngine);

const died = (instance: string, time: number): string =>
  `${JSON.stringify({ Type: "container", Action: "die", timeNano: time * 1e9, Actor: { Attributes: { "agenthub.instance": instance } } })}\n`;

describe("Watching an engine", () => {
  test("goes on after the connection breaks and a refusal, from where it was", async () => {
    const asked: URLSearchParams[] = [];
    const runtime = await engine((request, response) => {
      if (request.url?.includes("/containers/json")) return void response.end("[]");
      asked.push(new URL(request.url ?? "", "http://engine").searchParams);
      if (asked.length === 1) {
        response.write(died("one", 1_800_000_000), () => response.destroy());
      } else if (asked.length === 2) {
        response.writeHead(500).end("{}");
      } else {
        response.write(died("two", 1_800_000_001));
      }
    });
    const changed: string[] = [];
    const stop = runtime.watch((instance) => changed.push(instance));
    try {
      await until(() => changed.includes("two"), { what: "word over the third connection" });
    } finally {
      stop();
    }
    expect(changed).toEqual(["one", "two"]);
    expect(asked.map((query) => query.get("since")).slice(1)).toEqual(["1800000000.000", "1800000000.000"]);
    expect(JSON.parse(asked[0]?.get("filters") ?? "")).toMatchObject({ label: ["agenthub.installation=here"], type: ["container"] });
  });
});

describe("An engine that was away", () => {
  const container = (Id: string, State: object) => ({
    Id, Created: "2026-01-01T00:00:00Z", State: { OOMKilled: false, ExitCode: 0, StartedAt: "2026-01-01T00:00:01Z", ...State },
    Config: { Labels: { "agenthub.installation": "here", "agenthub.instance": Id, "agenthub.attempt": "1" } }, NetworkSettings: {},
  });

  test("has all its containers told when it is back, and those that ended meanwhile ended with it", async () => {
    let away = false;
    const containers = new Map<string, object>([
      ["long-dead", container("long-dead", { Status: "exited", FinishedAt: "2026-01-02T00:00:00Z" })], ["alive", container("alive", { Status: "running" })],
      ["fallen", container("fallen", { Status: "running" })], ["hungry", container("hungry", { Status: "running" })],
    ]);
    let streams = 0;
    const address = await engineAt((request, response) => {
      const { pathname } = new URL(request.url ?? "", "http://engine");
      if (away) return void response.destroy();
      if (pathname.endsWith("/events")) {
        streams += 1;
        response.writeHead(200).flushHeaders();
        return;
      }
      const one = containers.get(/containers\/([^/]+)\/json$/.exec(pathname)?.[1] ?? "");
      response.writeHead(200, { "content-type": "application/json" })
        .end(JSON.stringify(one ?? [...containers.keys()].map((Id) => ({ Id, Labels: { "agenthub.instance": Id } }))));
    });
    const runtime = openDockerRuntime({ address, installation: "here", reach: "loopback" });
    const changed = new Set<string>();
    const stop = runtime.watch((instance) => changed.add(instance));
    try {
      await until(() => streams === 1, { what: "the first connection" });
      expect(changed.size).toBe(0);
      away = true;
      breakConnections();
      for (const Id of ["fallen", "hungry"])
        containers.set(Id, container(Id, { Status: "exited", FinishedAt: new Date().toISOString(), OOMKilled: Id === "hungry" }));
      // A connection alone may break, too: only a refusal says that the engine is away.
      await until(async () => !(await runtime.health()).ok, { what: "the engine to be away" });
      await nextRequest();
      away = false;
      await until(() => changed.size === 4, { what: "word of all containers" });
    } finally {
      stop();
    }
    const ended = (await runtime.list()).filter(({ ended_with_engine }) => ended_with_engine === true);
    expect(ended.map(({ instance_id }) => instance_id)).toEqual(["fallen"]);
  });
});

describe("A container's figures", () => {
  const sample = (memory: object) => ({
    cpu_stats: { cpu_usage: { total_usage: 3_000 }, system_cpu_usage: 20_000, online_cpus: 4 },
    precpu_stats: { cpu_usage: { total_usage: 1_000 }, system_cpu_usage: 10_000, online_cpus: 4 },
    memory_stats: memory,
    networks: { eth0: { rx_bytes: 10, tx_bytes: 1 }, eth1: { rx_bytes: 5, tx_bytes: 2 } },
  });

  test.each([
    ["cgroup v1", { usage: 1000, limit: 5000, stats: { total_inactive_file: 300, inactive_file: 1 } }],
    ["cgroup v2", { usage: 1000, limit: 5000, stats: { inactive_file: 300 } }],
  ])("leave out file cache that can be given back, on %s, and count processor time in cores", async (_, memory) => {
    const runtime = await engine((_request, response) => {
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(sample(memory)));
    });
    expect(await runtime.stats("any")).toEqual({
      cpu_percent: 80, memory_bytes: 700, memory_limit_bytes: 5000, network_rx_bytes: 15, network_tx_bytes: 3,
    });
  });

  test("are absent when the engine has none", async () => {
    const runtime = await engine((_request, response) => {
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ memory_stats: {}, cpu_stats: {}, precpu_stats: {} }));
    });
    expect(await runtime.stats("any")).toBeNull();
  });
});

describe("A pull that breaks off", () => {
  test("is no success, although some of it arrived", async () => {
    const runtime = await engine((request, response) => {
      if (request.method === "GET") response.writeHead(404).end('{"message":"No such image"}');
      else response.write('{"status":"Downloading","id":"a","progressDetail":{"current":1,"total":2}}\n', () => response.destroy());
    });
    await expect(runtime.pull("some/image:1", { policy: "missing" })).rejects.toMatchObject({ code: "runtime-unavailable" });
  });

  test("for want of a registry's answer repeats none of the registry's words", async () => {
    const runtime = await engine((request, response) => {
      if (request.method === "GET") response.writeHead(404).end('{"message":"No such image"}');
      else response.end('{"errorDetail":{"message":"received unexpected HTTP status: 500 for user:open-sesame"},"error":"x"}\n');
    });
    const failure = await runtime.pull("some/image:1", { policy: "missing" }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "image-pull-failed", message: "The image some/image:1 could not be pulled" });
  });
});

describe("An account's network", () => {
  test("gets a small subnet of its own when the engine's address pools are used up", async () => {
    const account = "account-0198f3a4-0000-7000-8000-000000000001";
    const subnets: unknown[] = [];
    const address = await engineAt((request, response) => {
      const answer = (status: number, body: unknown) => response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
      if (request.method === "GET") {
        answer(404, { message: "network not found" });
        return;
      }
      void json(request).then((body) => {
        const subnet = (body as { IPAM?: { Config: { Subnet: string }[] } }).IPAM?.Config[0]?.Subnet;
        subnets.push(subnet);
        if (subnet === undefined) answer(404, { message: "could not find an available, non-overlapping IPv4 address pool among the defaults" });
        else if (subnets.length === 2) answer(403, { message: "Pool overlaps with other one on this address space" });
        else answer(201, { Id: "made" });
      });
    });
    const networks = new AccountNetworks(openEngine(address), "here");
    expect(await networks.withNetwork(account, () => Promise.resolve("created"))).toBe("created");
    expect(subnets).toEqual([undefined, ...subnetsFor(account).slice(0, 2)]);
    expect(subnetsFor(account).every((subnet) => /^10\.213\.\d{1,3}\.(0|64|128|192)\/26$/.test(subnet))).toBe(true);
  });
});

describe("An answer that breaks off", () => {
  test.each([["before its first byte", (response: ServerResponse) => void response.destroy()],
    ["in its middle", (response: ServerResponse) => void response.writeHead(200, { "content-type": "application/json" }).write('{"half":', () => response.destroy())],
    ["in the middle of a refusal", (response: ServerResponse) => void response.writeHead(500, { "content-type": "application/json" }).write('{"mess', () => response.destroy())],
  ])("%s is an engine that is away, not a wait for ever", async (_, cut) => {
    const runtime = await engine((_request, response) => cut(response));
    await expect(runtime.stats("some-container")).rejects.toMatchObject({ code: "runtime-unavailable" });
    await expect(runtime.list()).rejects.toMatchObject({ code: "runtime-unavailable" });
    expect(await runtime.health()).toMatchObject({ ok: false });
  });
});
