import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { startTestApp, type TestApp } from "#test/support/app.ts";
import { startTwins } from "#test/support/twins.ts";
import { until } from "#test/support/until.ts";

let app: TestApp;
let agent = "";
beforeAll(async () => {
  app = await startTestApp({ settings: { AGENTHUB_INSTANCES_PER_ACCOUNT: "3" } });
  agent = await app.registerAgent({ limits: { max_instances: 50 } });
});
afterAll(async () => { await app.close(); });

const create = () => app.call("POST", "/marketplace/instances", { body: { agent_id: agent } });

describe("an account's quota", () => {
  it("holds over a crowd of requests, and gives room again when an instance ends", async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, create));
    const created = answers.filter(({ status }) => status === 201);
    expect(created).toHaveLength(3);
    for (const { status, body } of answers.filter((answer) => !created.includes(answer)))
      expect([status, body.type, body.detail]).toEqual([403, "/problems/quota-exceeded", expect.stringMatching(/has 3 live instances and may have 3/)]);
    expect((await app.call("DELETE", `/marketplace/instances/${created[0]?.body.instance_id as string}`)).body.status).toBe("stopped");
    expect((await create()).status).toBe(201);
  });

  it("answers a repeated request as before, room or none", async () => {
    for (const { instance_id } of (await app.call("GET", "/marketplace/instances")).body.instances as { instance_id: string }[])
      await app.call("DELETE", `/marketplace/instances/${instance_id}`);
    const keyed = () => app.call("POST", "/marketplace/instances", { body: { agent_id: agent }, headers: { "idempotency-key": "one" } });
    const first = await keyed();
    await Promise.all([create(), create()]);
    const again = await keyed();
    expect([again.status, again.body.instance_id]).toEqual([201, first.body.instance_id]);
  });
});

describe("an account's quota over two processes", () => {
  it("holds over a crowd that comes to both at once", async () => {
    const twins = await startTwins({ AGENTHUB_INSTANCES_PER_ACCOUNT: "7" });
    try {
      const agent_id = await twins.apps[0].registerAgent({ limits: { max_instances: 50 } });
      const answers = await Promise.all(Array.from({ length: 40 }, (_, number) => twins.apps[number % 2 as 0 | 1].call("POST", "/marketplace/instances", { body: { agent_id } })));
      const created = answers.filter(({ status }) => status < 300);
      expect(created).toHaveLength(7);
      for (const { status, body } of answers.filter((answer) => !created.includes(answer)))
        expect([status, body.type, body.detail]).toEqual([403, "/problems/quota-exceeded", expect.stringMatching(/has 7 live instances and may have 7/)]);
      await Promise.all(created.slice(0, 5).map(({ body }) => twins.apps[1].call("DELETE", `/marketplace/instances/${body.instance_id as string}`)));
      // A process learns of ends that another brought about by its tail, which may be a moment behind.
      const one = async (app: TestApp): Promise<void> => { await until(async () => (await app.call("POST", "/marketplace/instances", { body: { agent_id } })).status < 300, { what: "room for an instance" }); };
      await Promise.all([...twins.apps, ...twins.apps].map(one));
      await one(twins.apps[0]);
      expect((await Promise.all(twins.apps.map(({ call }) => call("POST", "/marketplace/instances", { body: { agent_id } })))).map(({ status }) => status)).toEqual([403, 403]);
    } finally {
      await twins.close();
    }
  });
});
