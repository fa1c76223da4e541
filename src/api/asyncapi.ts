import { z } from "zod";
import { open } from "./openapi.ts";
import { frameData } from "./live/frames.ts";
import { subscription, unsubscription } from "./live/subscribe.ts";

type Json = Record<string, unknown>;

function json(schema: z.ZodType, io: "input" | "output"): Json {
  const { $schema: _draft, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: "any", override: io === "output" ? open : () => undefined }) as Json;
  return rest;
}

const frame = (name: string, data: z.ZodType): Json => json(
  z.strictObject({ cursor: z.string().optional(), at: z.string(), type: z.literal(name), data }), "output");

const received: Readonly<Record<string, { summary: string; payload: Json }>> = {
  subscribe: { summary: "Begins to hear topics; acknowledged with {ok, cursor} or {ok: false, problem}", payload: json(subscription, "input") },
  unsubscribe: { summary: "No longer hears topics", payload: json(unsubscription, "input") },
};

const sent: Readonly<Record<string, { summary: string; payload: Json }>> = {
  snapshot: { summary: "What the topics look like now; frames follow", payload: json(z.strictObject({ cursor: z.string(), at: z.string(), topics: z.record(z.string(), z.unknown()) }), "output") },
  resync_required: { summary: "What was missed is no longer kept; a snapshot follows", payload: json(z.strictObject({ at: z.string(), detail: z.string() }), "output") },
  problem: { summary: "A message was refused (RFC 9457)", payload: json(z.looseObject({ type: z.string(), status: z.number(), detail: z.string() }), "output") },
  ...Object.fromEntries(Object.entries(frameData).map(([name, data]) => [name, { summary: `Tells of ${name.replace(".", " ")}`, payload: frame(name, data) }])),
};

const key = (name: string): string => name.replaceAll(".", "_");
const messages = { ...received, ...sent };
const refs = (names: readonly string[]): Json[] => names.map((name) => ({ $ref: `#/channels/live/messages/${key(name)}` }));

/** The live feed as AsyncAPI 3: what a client sends and hears in socket.io's namespace `/live`. */
export const asyncapi = (version: string): object => ({
  asyncapi: "3.0.0",
  info: {
    title: "AgentHub live", version,
    description: "socket.io 4, namespace `/live`; the API key goes into the handshake's `auth.token`. Frames with a cursor can be resumed after with `since`.",
  },
  defaultContentType: "application/json",
  channels: {
    live: {
      address: "/live",
      messages: Object.fromEntries(Object.keys(messages).map((name) => [key(name), { $ref: `#/components/messages/${key(name)}` }])),
    },
  },
  operations: {
    receive: { action: "receive", channel: { $ref: "#/channels/live" }, messages: refs(Object.keys(received)) },
    send: { action: "send", channel: { $ref: "#/channels/live" }, messages: refs(Object.keys(sent)) },
  },
  components: {
    messages: Object.fromEntries(Object.entries(messages).map(([name, { summary, payload }]) => [key(name), { name, summary, payload }])),
  },
});
