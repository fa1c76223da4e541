import { z } from "zod";

const uuid = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";
const id = (prefix: string) => z.string().regex(new RegExp(`^${prefix}-${uuid}$`), `must look like ${prefix}-<uuid>`);

/** Public ids are stream names. */
export const accountId = id("account");
export const agentId = id("agent");
export const instanceId = id("instance");
/** `task-<yyyymmdd>-<uuid>`: the day is that of the stream which holds the task. */
export const taskId = z.string().regex(new RegExp(`^task-\\d{8}-${uuid}$`), "must look like task-<yyyymmdd>-<uuid>");
/** An ISO instant with milliseconds in UTC. */
export const instant = z.iso.datetime({ precision: 3 });
/** A UTC day, `yyyymmdd`. */
export const day = z.string().regex(/^\d{8}$/);

const bare = (publicId: string): string => publicId.slice(publicId.indexOf("-") + 1);

/** The stream of an agent's slots. */
export const capacityStream = (agent: string): string => `capacity-${bare(agent)}`;
/** The stream of an account's ledger. */
export const ledgerStream = (account: string): string => `ledger-${bare(account)}`;
/** The stream of one instance's usage on one UTC day. */
export const usageStream = (instance: string, onDay: string): string => `usage-${bare(instance)}-${onDay}`;
/** The day in a task's id. */
export const taskDay = (task: string): string => task.slice(5, 13);
