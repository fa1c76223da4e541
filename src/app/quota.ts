import type { Tail } from "#commands/tail.ts";
import { allLive, customers } from "#projections/customers.ts";
import { InstanceQuota } from "#reactions/instance-quota.ts";
import type { Config } from "./config.ts";
import type { ReadSide } from "./read-side.ts";

/** The accounts' quota of live instances, counted from the read model once it knows of everything that this process has seen or written. */
export const quotaOf = (config: Config, tail: Tail, readSide: ReadSide): InstanceQuota => new InstanceQuota({
  most: config.AGENTHUB_INSTANCES_PER_ACCOUNT,
  async liveOf(accountId, position) {
    await readSide.waitFor(position > tail.head ? position : tail.head, config.AGENTHUB_READ_PATIENCE);
    return allLive(await readSide.reader.get(customers, accountId));
  },
});
