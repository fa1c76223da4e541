import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { Executor } from "#commands/execute.ts";
import { createInstance } from "#commands/instance/create-instance.ts";
import { terminateInstance } from "#commands/instance/intents.ts";
import { recordFact } from "#commands/instance/record-fact.ts";
import type { EventStore } from "#commands/ports.ts";
import { instanceRejected, instanceTerminated } from "#domain/instance/events.ts";
import { openSqliteEventStore } from "#infra/sqlite/event-store.ts";
import { InstanceQuota, type LiveInstances } from "#reactions/instance-quota.ts";
import { CountingIds } from "#test/support/counting-ids.ts";
import { ids, requested } from "#test/support/facts.ts";
import { ManualClock } from "#test/support/manual-clock.ts";

let store: EventStore;
let clock: ManualClock;
let executor: Executor;
/** What the read model shows. */
let shown: LiveInstances;
let quota: InstanceQuota;
const by = new CountingIds("quota");
const request = () => ({ account: ids.account, actor: ids.account, command_id: by.random() });
const another = () => `instance-${by.next()}`;

beforeEach(async () => {
  store = await openSqliteEventStore(":memory:");
  clock = new ManualClock();
  executor = new Executor({ store, clock, ids: by, singleWriter: false });
  shown = { ids: [], complete: true };
  quota = new InstanceQuota({ executor, most: 2, liveOf: () => Promise.resolve(shown) });
});
afterEach(async () => { await store.close(); });

const enrol = (instance_id = another()) => quota.enrol({ account_id: ids.account, instance_id, agent_id: ids.agent }, request()).then(() => instance_id);
const create = async () => {
  const instance_id = await enrol();
  await executor.execute(createInstance, requested({ instance_id }).data, request());
  return instance_id;
};
const full = { code: "quota-exceeded", data: { live: 2, most: 2 } };

describe("a quota of live instances", () => {
  it("counts what is on its way as what is there, once, whatever the read model shows of it", async () => {
    const all = [await create(), await create()];
    for (let some = 0; some <= 2; some += 1) {
      shown = { ids: all.slice(0, some), complete: true };
      await expect(enrol()).rejects.toMatchObject(full);
    }
  });

  it("lets the same enrolment come again, and looks anew at one whose instance never came", async () => {
    const [first] = [await enrol(), await enrol()];
    await enrol(first);
    await clock.run(600_000);
    await create();
    await create();
    await expect(enrol(first)).rejects.toMatchObject(full);
  });

  it("gives back the room of a creation that a crash broke off, after ten minutes", async () => {
    await enrol();
    await create();
    await clock.run(599_999);
    await expect(enrol()).rejects.toMatchObject(full);
    await clock.run(1);
    shown = { ids: [], complete: false };
    await enrol();
  });

  it("gives back the room of one that ended at once, before the read model shows that", async () => {
    const [rejected, terminated] = [await create(), await create()];
    await executor.execute(recordFact, { fact: instanceRejected({ instance_id: rejected, reason: "capacity-exhausted" }) }, request());
    await executor.execute(terminateInstance, { instance_id: terminated, reason: "requested" }, request());
    await enrol();
    await expect(enrol()).rejects.toMatchObject(full);
    await executor.execute(recordFact, { fact: instanceTerminated({ instance_id: terminated }) }, request());
    await enrol();
    await expect(enrol()).rejects.toMatchObject(full);
  });

  it("asks the streams of all instances when the read model is behind", async () => {
    const first = await create();
    const all = [first, await create()];
    await clock.run(3_600_000);
    shown = { ids: [], complete: false };
    await expect(enrol()).rejects.toMatchObject(full);
    await executor.execute(terminateInstance, { instance_id: first, reason: "requested" }, request());
    await executor.execute(recordFact, { fact: instanceTerminated({ instance_id: first }) }, request());
    shown = { ids: all, complete: false };
    await enrol();
    await expect(enrol()).rejects.toMatchObject(full);
  });
});
