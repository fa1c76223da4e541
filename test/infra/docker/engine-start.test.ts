import { afterEach, describe, expect, test } from "@jest/globals";
import type { ContainerRuntime } from "#reactions/ports.ts";
import { engine, stopEngine } from "./stand-in.ts";

afterEach(stopEngine);

describe("An engine that went down and came up while nobody looked", () => {
  const started = "2026-01-03T00:00:00.123456789Z";
  const defaultBridge = { Name: "bridge", Created: started, Options: { "com.docker.network.bridge.default_bridge": "true" } };
  const container = (Id: string, State: object) => ({
    Id, Created: "2026-01-01T00:00:00Z", State: { Status: "exited", Running: false, OOMKilled: false, ExitCode: 0, StartedAt: "2026-01-01T00:00:01Z", ...State },
    Config: { Labels: { "agenthub.installation": "here", "agenthub.instance": Id, "agenthub.attempt": "1" } }, NetworkSettings: {},
  });
  const before = "2026-01-02T23:59:59.5Z";
  const containers = [
    container("stopped", { FinishedAt: before, ExitCode: 143 }), container("lost", { FinishedAt: before, ExitCode: 255 }),
    container("hungry", { FinishedAt: before, ExitCode: 137, OOMKilled: true }), container("crashed", { FinishedAt: "2026-01-03T00:00:01Z", ExitCode: 255 }),
    container("alive", { Status: "running", Running: true, FinishedAt: "0001-01-01T00:00:00Z" }),
  ];

  const runtimeWith = (network: object | null, some = containers, asked: string[] = []): Promise<ContainerRuntime> => engine((request, response) => {
    const { pathname } = new URL(request.url ?? "", "http://engine");
    asked.push(pathname);
    const wanted = /containers\/([^/]+)\/json$/.exec(pathname)?.[1];
    const answer = pathname.endsWith("/networks/bridge") ? network
      : pathname.endsWith("/containers/json") ? some.map(({ Id }) => ({ Id })) : some.find(({ Id }) => Id === wanted) ?? null;
    response.writeHead(answer === null ? 404 : 200, { "content-type": "application/json" }).end(JSON.stringify(answer ?? { message: "not found" }));
  });

  test("took down with it what had ended by its start, and knows no end of what it lost", async () => {
    const seen = await (await runtimeWith(defaultBridge)).list();
    const told = seen.map(({ instance_id, ended_with_engine, finished_at, exit_code }) => [instance_id, ended_with_engine ?? false, finished_at, exit_code]);
    expect(told).toEqual([
      ["stopped", true, "2026-01-02T23:59:59.500Z", 143], ["lost", true, null, null], ["hungry", false, "2026-01-02T23:59:59.500Z", 137],
      ["crashed", false, "2026-01-03T00:00:01.000Z", 255], ["alive", false, null, null],
    ]);
  });

  test.each([
    ["has no default network", null], ["has another network of that name", { Name: "bridge", Created: started, Options: {} }],
    ["says no more of it", { Options: defaultBridge.Options }],
    ["began tomorrow, before its clock was set", { ...defaultBridge, Created: new Date(Date.now() + 86_400_000).toISOString() }],
  ])("is not told from an agent's own end where it %s", async (_, network) => {
    const seen = await (await runtimeWith(network)).list();
    expect(seen.map(({ ended_with_engine }) => ended_with_engine)).toEqual(seen.map(() => undefined));
    expect(seen.map(({ finished_at }) => finished_at)).toContain("2026-01-02T23:59:59.500Z");
  });

  test("is asked for its start once a look, and only when something has ended", async () => {
    const asked: string[] = [];
    const bridges = () => asked.filter((path) => path.endsWith("/networks/bridge")).length;
    await (await runtimeWith(defaultBridge, containers.slice(-1), asked)).list();
    expect(bridges()).toBe(0);
    await stopEngine();
    await (await runtimeWith(defaultBridge, containers, asked)).list();
    expect(bridges()).toBe(1);
  });
});
