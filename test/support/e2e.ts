import { once } from "node:events";
import type { Readable } from "node:stream";
import { io, type Socket } from "socket.io-client";
import { openEngine } from "#infra/docker/client.ts";
import { buildNodeAgentImage } from "#infra/images/node-agent.ts";
import { testDocker } from "./docker.ts";
import type { ServerProcess } from "./server-process.ts";
import { until } from "./until.ts";

/** Settings of a server that runs containers, and that looks at them often enough for a test. */
export const withDocker = {
  AGENTHUB_DOCKER: testDocker, AGENTHUB_MONITOR_INTERVAL: "1s", AGENTHUB_MAINTENANCE_INTERVAL: "2s",
} as const;

/** What conditions on real containers may take on a busy machine. */
export const patient = { timeout: 90_000, interval: 50 } as const;

/** The engine, asked past the product. */
export const engine = openEngine(testDocker);

/** A container as the engine lists it. */
export interface Listed {
  readonly id: string;
  readonly state: string;
  readonly attempt: number;
}

/** Every container of an instance, ended ones included. */
export async function containersOf(instanceId: string): Promise<Listed[]> {
  const found = await engine.listContainers({ all: true, filters: { label: [`agenthub.instance=${instanceId}`] } });
  return found.map(({ Id, State, Labels }) => ({ id: Id, state: State, attempt: Number(Labels["agenthub.attempt"]) }));
}

/** The one container of an instance; an error when there is none, or more than one. */
export async function containerOf(instanceId: string): Promise<Listed> {
  const [only, ...others] = await containersOf(instanceId);
  if (only === undefined || others.length > 0) throw new Error(`${instanceId} has ${others.length + (only ? 1 : 0)} containers`);
  return only;
}

/** Waits until an instance has a status. */
export const statusOf = (server: Pick<ServerProcess, "must">, id: string, status: string): Promise<unknown> =>
  until(async () => (await server.must("GET", `/marketplace/instances/${id}`)).body.status === status, { ...patient, what: `${id} to be ${status}` });

/** The types of an instance's events in order. */
export async function eventTypes(server: Pick<ServerProcess, "must">, id: string): Promise<string[]> {
  const { body } = await server.must("GET", `/marketplace/instances/${id}/events?limit=100`);
  return (body.events as { type: string }[]).map(({ type }) => type);
}

/** A frame as a socket heard it. */
export interface Heard {
  readonly name: string;
  readonly cursor?: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly topics?: Readonly<Record<string, unknown>>;
}

/** A subscription to the live feed. */
export interface Feed {
  readonly heard: Heard[];
  /** The frames of one name about an instance. */
  of(name: string, instanceId: string): Record<string, unknown>[];
  /** The cursor to go on from. */
  readonly cursor: () => string;
  close(): void;
}

/** Subscribes to topics and gathers what is told. */
export async function listen(server: Pick<ServerProcess, "url" | "keys">, topics: readonly string[], since?: string): Promise<Feed> {
  const socket: Socket = io(`${server.url}/live`, { auth: { token: server.keys.customer }, transports: ["websocket"], reconnection: false, forceNew: true });
  const heard: Heard[] = [];
  let last = since ?? "";
  socket.onAny((name: string, message: Heard) => {
    heard.push({ ...message, name });
    last = message.cursor ?? last;
  });
  const answer = await socket.emitWithAck("subscribe", { topics, ...(since === undefined ? {} : { since }) }) as { ok: boolean; cursor?: string };
  if (!answer.ok) throw new Error(`the subscription was refused: ${JSON.stringify(answer)}`);
  last = last === "" ? answer.cursor ?? "" : last;
  return {
    heard, cursor: () => last, close: () => void socket.disconnect(),
    of: (name, id) => heard.filter((frame) => frame.name === name && frame.data["instance_id"] === id).map(({ data }) => data),
  };
}

/** Registers an image as an agent. */
export async function registerImage(server: Pick<ServerProcess, "must">, image: string, name: string, more: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const metadata = {
    name, version: "1.0.0", category: "utility", pricing: { type: "hybrid", base_price: "1", price_per_hour: "36", price_per_request: "0.01" },
    limits: { max_instances: 5 }, resources: { memory: "128M" }, ...more,
  };
  return (await server.must("POST", "/agents/register-docker", { as: "publisher", body: { docker_image: image, metadata } })).body.agent_id as string;
}

/** Compares the bill of an ended instance with the audit's figures, figure by figure, and the audit with itself. */
export async function auditedBill(server: Pick<ServerProcess, "must">, id: string): Promise<{ bill: Record<string, unknown>; audited: Record<string, unknown>; agrees: boolean; differences: unknown }> {
  const { body: bill } = await server.must("GET", `/billing/instances/${id}`);
  const { body: report } = await server.must("GET", `/billing/audit?instance=${id}`, { as: "operator" });
  return { bill, audited: report.instances[0], agrees: report.agrees, differences: report.differences };
}

/** Waits for the engine to tell an action of an instance's container; begin before what causes it. */
export async function engineTells(instanceId: string, action: string): Promise<{ readonly seen: Promise<void>; close(): void }> {
  const stream = await engine.getEvents({ filters: { type: ["container"], event: [action], label: [`agenthub.instance=${instanceId}`] } }) as unknown as Readable;
  const seen = once(stream, "data").then(() => undefined);
  return { seen, close: () => void stream.destroy() };
}

const slowSource = `
import { createServer } from "node:http";
const server = createServer((request, response) => {
  const ms = Number(new URL(request.url, "http://agent").searchParams.get("ms") ?? 0);
  request.resume().on("end", () => setTimeout(() => response.writeHead(200, { "content-type": "application/json" }).end('{"done":true}'), ms));
});
setTimeout(() => server.listen(Number(process.env.AGENTHUB_AGENT_PORT)), 1500);
process.on("SIGTERM", () => setTimeout(() => process.exit(0), 1500));
`;

/** An agent that takes its time to begin and to end; `/work?ms=` takes so long. */
export const unhurriedAgent = (): Promise<string> =>
  buildNodeAgentImage(testDocker, { tag: "agenthub-test/unhurried:1", files: { "main.mjs": slowSource }, entry: "main.mjs" });
