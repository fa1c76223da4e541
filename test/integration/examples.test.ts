import { spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "@jest/globals";
import { load } from "js-yaml";
import { WebSocket } from "ws";
import { manifestInput, type ManifestInput } from "#domain/agent/manifest.ts";
import { openDockerRuntime } from "#infra/docker/runtime.ts";
import { buildNodeAgentFolder } from "#infra/images/folder.ts";
import { startAgentProcess, type AgentProcess } from "#test/support/agent-process.ts";
import { removeAll } from "#test/support/docker-cleanup.ts";
import { dockerSuite, testDocker } from "#test/support/docker.ts";
import { until } from "#test/support/until.ts";

const root = fileURLToPath(new URL("../../examples/", import.meta.url));
const python = spawnSync("python3", ["--version"]).status === 0;
if (!python) process.stderr.write("skipped for want of python3: the example in Python\n");

const manifestOf = (name: string): ManifestInput => manifestInput.parse(load(readFileSync(join(root, name, "agent.yaml"), "utf8")));

async function post(address: string, path: string, body: unknown): Promise<{ status: number; body: unknown }> {
  const response = await fetch(address + path, { method: "POST", body: typeof body === "string" ? body : JSON.stringify(body) });
  return { status: response.status, body: await response.json() };
}

/** Runs an example as a process, lets it be used, and sees that it ends when told to. */
async function running(command: string, script: string, use: (address: string) => Promise<void>, env = {}): Promise<void> {
  const agent: AgentProcess = await startAgentProcess(command, join(root, script), env);
  let code: number | null = null;
  try {
    expect((await fetch(`${agent.address}/health`)).status).toBe(200);
    await use(agent.address);
  } finally {
    code = await agent.stop();
  }
  expect(code).toBe(0);
}

async function useEcho(address: string): Promise<void> {
  expect(await post(address, "/echo", { a: [1] })).toEqual({ status: 200, body: { echo: { a: [1] } } });
  expect(await post(address, "/shout", { text: "hello" })).toEqual({ status: 200, body: { text: "HELLO" } });
  expect(await post(address, "/wait", { seconds: 0 })).toEqual({ status: 200, body: { waited: 0 } });
  expect(await post(address, "/shout", { text: 1 })).toMatchObject({ status: 422, body: { error: expect.any(String) } });
  expect(await post(address, "/shout", "no json")).toMatchObject({ status: 422 });
  expect(await post(address, "/elsewhere", {})).toMatchObject({ status: 404 });
}

const text = "Cats sleep. Cats sleep all day long. Dogs bark.";
const summary = { summary: "Cats sleep all day long.", sentences: 1, of: 3 };

async function useSummary(address: string): Promise<void> {
  expect(await post(address, "/acp/handshake", { protocol_version: "1.0" })).toMatchObject({ status: 200, body: { status: "ready", capabilities: ["summarize"] } });
  expect(await post(address, "/acp/heartbeat", {})).toMatchObject({ body: { status: "healthy" } });
  expect(await post(address, "/acp/task", { endpoint: "/summarize", parameters: { text, sentences: 1 } })).toMatchObject({ body: { status: "completed", result: summary } });
  expect(await post(address, "/acp/task", { endpoint: "/summarize", parameters: {} })).toMatchObject({ body: { status: "failed", error: expect.stringContaining("text") } });

  const socket = new WebSocket(`${address.replace("http", "ws")}/acp`);
  await once(socket, "open");
  const ask = async (type: string, payload: unknown, id = randomUUID()) => {
    const answer = once(socket, "message");
    socket.send(JSON.stringify({ type, agent_id: "a", message_id: id, payload, timestamp: "2026-01-01T00:00:00.000Z" }));
    return { id, answer: JSON.parse(String((await answer)[0])) as unknown };
  };
  expect((await ask("handshake", { protocol_version: "1.0", client_type: "agenthub_server" })).answer).toMatchObject({ type: "handshake", payload: { status: "ready" } });
  expect((await ask("heartbeat", {})).answer).toMatchObject({ type: "heartbeat" });
  // Long enough for each way in which a frame writes its length.
  for (const size of [1, 30, 3000]) {
    const { id, answer } = await ask("task_request", { endpoint: "/summarize", parameters: { text: `${text} `.repeat(size), sentences: 50 }, timeout: 5 });
    expect(answer).toMatchObject({ type: "task_response", payload: { request_id: id, status: "completed", result: { of: 3 * size } } });
  }
  const pong = once(socket, "pong");
  socket.ping("beat");
  expect(String((await pong)[0])).toBe("beat");
  const closed = once(socket, "close");
  socket.send(JSON.stringify({ type: "shutdown", agent_id: "a", message_id: randomUUID(), payload: { reason: "paused" }, timestamp: "2026-01-01T00:00:00.000Z" }));
  expect((await closed)[0]).toBe(1000);
}

describe("The example agents", () => {
  test.each(["echo", "wordcount", "acp-summary"])("%s has a manifest that can be registered, for its own Dockerfile", (name) => {
    const manifest = manifestOf(name);
    expect(manifest).toMatchObject({ name, docker: { image: `agenthub-examples/${name}:${manifest.version}` } });
    expect(readFileSync(join(root, name, "Dockerfile"), "utf8")).toContain(`EXPOSE ${manifest.docker?.port}`);
  });

  test("echo answers its endpoints as a process", () => running(process.execPath, "echo/agent.mjs", useEcho));

  test("echo heeds the prefix that a customer may set", () => running(process.execPath, "echo/agent.mjs", async (address) => {
    expect(await post(address, "/shout", { text: "hello" })).toMatchObject({ body: { text: "> HELLO" } });
  }, { ECHO_PREFIX: "> " }));

  test("acp-summary answers over a WebSocket and over HTTP as a process", () => running(process.execPath, "acp-summary/agent.mjs", useSummary));

  (python ? test : test.skip)("wordcount answers its endpoints as a process", () => running("python3", "wordcount/agent.py", async (address) => {
    expect(await post(address, "/count", { text: "to be or not to be" })).toEqual({ status: 200, body: { words: 6, lines: 1, characters: 18 } });
    expect(await post(address, "/top", { text: "to be or not to be", limit: 2 })).toEqual({ status: 200, body: { top: [{ word: "be", count: 2 }, { word: "to", count: 2 }] } });
    expect(await post(address, "/count", { text: 1 })).toMatchObject({ status: 422 });
    expect(await post(address, "/count", "no json")).toMatchObject({ status: 400 });
    expect(await post(address, "/elsewhere", {})).toMatchObject({ status: 404 });
  }));
});

dockerSuite("The example agents in JavaScript, in containers without Node of their own", () => {
  const runtime = openDockerRuntime({ address: testDocker, installation: `test-${randomUUID()}`, reach: "loopback" });
  afterAll(() => removeAll(runtime), 120_000);

  test.each([["echo", useEcho], ["acp-summary", useSummary]] as const)("%s runs within its own limits", async (name, use) => {
    const { resources, docker } = manifestOf(name);
    const image = await buildNodeAgentFolder(testDocker, join(root, name), { tag: `agenthub-test/example-${name}:1`, entry: "agent.mjs" });
    const container = await runtime.start({
      instance_id: `instance-${randomUUID()}`, attempt: 1, account_id: `account-${randomUUID()}`, image, port: docker?.port ?? 8000,
      env: docker?.env ?? {}, resources: { memory_bytes: resources.memory, cpu: resources.cpu }, stop_grace: 10,
    });
    await until(async () => (await fetch(`${container.address}/health`)).ok, { what: "the agent's health", timeout: 60_000 });
    await use(container.address ?? "");
    await runtime.stop(container.container_id, 10);
    expect(await runtime.inspect(container.instance_id)).toMatchObject({ state: "exited", exit_code: 0 });
  }, 240_000);
});
