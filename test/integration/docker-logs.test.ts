import { randomUUID } from "node:crypto";
import { afterEach, beforeAll, expect, test } from "@jest/globals";
import { openDockerRuntime } from "#infra/docker/runtime.ts";
import type { ContainerSpec, ObservedContainer } from "#reactions/ports.ts";
import { removeAll } from "#test/support/docker-cleanup.ts";
import { dockerSuite, testDocker } from "#test/support/docker.ts";
import { chattyAgent, echoAgent } from "#test/support/images.ts";
import { until } from "#test/support/until.ts";

const runtime = openDockerRuntime({ address: testDocker, installation: `test-${randomUUID()}`, reach: "loopback" });
const spec = (image: string, env: ContainerSpec["env"] = {}): ContainerSpec => ({
  instance_id: `instance-${randomUUID()}`, attempt: 1, account_id: `account-${randomUUID()}`, image, port: 8000, env,
  resources: { memory_bytes: 128 * 2 ** 20, cpu: "0.75" }, stop_grace: 5,
});
const serving = (container: ObservedContainer) =>
  until(async () => (await fetch(`${container.address}/health`)).ok, { what: "the agent's health", timeout: 40_000 });

dockerSuite("The logs of a container", () => {
  let echo = "";
  beforeAll(async () => {
    echo = await echoAgent();
    await chattyAgent();
  }, 240_000);
  afterEach(() => removeAll(runtime), 120_000);

  const lines = async (id: string, options: { tail?: number; follow?: boolean; since?: number; signal?: AbortSignal }) => {
    const read: { stream: string; text: string; at: string }[] = [];
    for await (const line of runtime.logs(id, { tail: 1000, follow: false, signal: new AbortController().signal, ...options })) read.push(line);
    return read;
  };

  test("come apart by stream, with instants, from the tail that was asked for", async () => {
    const asked = spec(await chattyAgent(), { LONG_LINE: "40000" });
    const container = await runtime.start(asked);
    await until(async () => {
      const read = (await lines(container.container_id, {})).map(({ text }) => text);
      return read.includes("x".repeat(40_000)) && read.includes("standard error");
    }, { what: "the whole long line" });
    const all = await lines(container.container_id, {});
    expect(all.filter(({ stream }) => stream === "stderr").map(({ text }) => text)).toContain("standard error");
    expect(all.filter(({ text }) => /^line \d+$/.test(text)).map(({ text }) => text)).toEqual(Array.from({ length: 500 }, (_, n) => `line ${n + 1}`));
    expect(all.every(({ at }) => /^\d{4}-.*\.\d{3}Z$/.test(at))).toBe(true);
    expect(await lines(container.container_id, { tail: 0 })).toEqual([]);
    expect(await lines(container.container_id, { since: Date.now() + 3_600_000 })).toEqual([]);
  });

  test("follow a container until it ends, and stop when aborted", async () => {
    const asked = spec(echo);
    const container = await runtime.start(asked);
    await serving(container);
    const stop = new AbortController();
    const cut: string[] = [];
    const reading = (async () => {
      for await (const { text } of runtime.logs(container.container_id, { tail: 0, follow: true, signal: stop.signal })) cut.push(text);
    })();
    // Printed anew until seen: the reader may not listen yet when the first is written.
    await until(async () => {
      await fetch(`${container.address}/print?text=marker`);
      return cut.includes("marker");
    }, { what: "a followed line" });
    stop.abort();
    await reading;
    const toTheEnd = lines(container.container_id, { follow: true });
    await runtime.stop(container.container_id, 5);
    expect((await toTheEnd).map(({ text }) => text)).toContain("marker");
  });

  test("of a container that is gone are empty", async () => {
    expect(await lines("0".repeat(64), {})).toEqual([]);
    expect(await lines("0".repeat(64), { follow: true })).toEqual([]);
  });
});
