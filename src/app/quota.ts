import type { Executor } from "#commands/execute.ts";
import type { Tail } from "#commands/tail.ts";
import { allLive, customers } from "#projections/customers.ts";
import { InstanceQuota } from "#reactions/instance-quota.ts";
import type { Config } from "./config.ts";
import type { ReadSide } from "./read-side.ts";

/** The accounts' quota of live instances; the read model is given the time that any reader has. */
export const quotaOf = (config: Config, executor: Executor, tail: Tail, readSide: ReadSide): InstanceQuota => new InstanceQuota({
  executor, most: config.AGENTHUB_INSTANCES_PER_ACCOUNT,
  async liveOf(accountId) {
    const complete = await readSide.waitFor(tail.head, config.AGENTHUB_READ_PATIENCE);
    return { ids: allLive(await readSide.reader.get(customers, accountId)), complete };
  },
});
