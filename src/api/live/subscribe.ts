import { z } from "zod";
import { instanceId } from "#domain/kernel/ids.ts";
import type { Principal } from "../auth/principal.ts";
import type { RestContext } from "../rest/context.ts";
import { readCursor, writeCursor } from "../rest/cursors.ts";
import { cursorText } from "../rest/inputs.ts";
import { ownInstance } from "../rest/instance-views.ts";
import { validBody } from "../rest/validate.ts";
import type { Connection } from "./connection.ts";
import type { Costs } from "./costs.ts";
import { type Addressed, frameOf, rooms } from "./frames.ts";
import type { Hub } from "./hub.ts";
import { snapshotOf } from "./snapshot.ts";

const prefix = "instance:";
const isTopic = (text: string): boolean => ["instances", "billing", "agents"].includes(text) || (text.startsWith(prefix) && instanceId.safeParse(text.slice(prefix.length)).success);
const topic = z.string().refine(isTopic,
  "must be instances, instance:<id>, billing or agents");

/** What a client asks to hear. */
export const subscription = z.strictObject({ topics: z.array(topic).min(1).max(50), since: cursorText.optional() });
/** What a client no longer wants to hear. */
export const unsubscription = z.strictObject({ topics: z.array(topic).min(1).max(50) });

const names = { instances: rooms.instances, billing: rooms.billing } as const;

/** The room of a topic for an account. */
export function roomOf(name: string, principal: Principal): string {
  if (name === "agents") return rooms.agents;
  return name === "instances" || name === "billing" ? names[name](principal.account_id) : rooms.instance(name.slice(prefix.length));
}

/** Holds frames back while a snapshot is read; whoever gets none does not listen. */
async function holding(hub: Hub, connection: Connection, wanted: ReadonlySet<string>, work: () => Promise<void>): Promise<void> {
  try {
    await connection.hold(work);
  } catch (error) {
    for (const room of wanted) hub.leave(connection, room);
    throw error;
  }
}

/** Subscribes: a snapshot first, or with `since` every frame that was missed and every cost that moved, and from then on what happens. */
export async function subscribe(context: RestContext, hub: Hub, costs: Costs, connection: Connection, message: unknown): Promise<{ cursor: string }> {
  const { tail, readModels } = context.services;
  const { principal } = connection;
  const { topics, since } = validBody(subscription, message);
  for (const name of topics) if (name.startsWith(prefix)) await ownInstance(context, name.slice(prefix.length), principal);
  const cursorOf = (position: string) => writeCursor(tail.storeId, position);
  const wanted = new Set(topics.map((name) => roomOf(name, principal)));

  // From here to the joins nothing awaits: what the tail tells is either missed and replayed, or heard.
  const from = since === undefined ? null : readCursor(since, tail.storeId);
  const missed = from === null || from === "" ? null : tail.since(from);
  const head = tail.head;
  for (const room of wanted) hub.join(connection, room);
  if (missed !== null) {
    const frames = missed.map((event) => frameOf(event, cursorOf)).filter((addressed): addressed is Addressed => addressed !== null);
    for (const { frame, rooms: heard } of frames) if (heard.some((room) => wanted.has(room))) connection.deliver(frame);
    // A cost is no event, so what it came to meanwhile is told as it is now.
    for (const event of missed) if (costs.roomsOf(event).some((room) => wanted.has(room))) costs.observe(event);
    return { cursor: cursorOf(head) };
  }
  await holding(hub, connection, wanted, async () => {
    if (from !== null) connection.send("resync_required", { at: context.now(), detail: "What was missed is older than what is kept; a snapshot follows." });
    await readModels.waitFor(head, context.patience);
    const entries = await Promise.all(topics.map(async (name) => [name, await snapshotOf(context, name, principal)] as const));
    connection.send("snapshot", { cursor: cursorOf(head), at: context.now(), topics: Object.fromEntries(entries) });
  });
  return { cursor: cursorOf(head) };
}
