import { appendFileSync, cpSync, existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { restoreInto } from "#app/moving/restore.ts";
import type { EventStore } from "#commands/ports.ts";
import { startTestApp, type TestApp } from "../support/app.ts";
import { until } from "../support/until.ts";

const folder = mkdtempSync(join(tmpdir(), "agenthub-backup-"));
const at = (name: string) => join(folder, name);
let app: TestApp;
let backup = "";
let cursor = "";
let writtenBefore: readonly string[] = [];

async function ids(store: EventStore): Promise<string[]> {
  const all: string[] = [];
  for (let from = ""; ;) {
    const page = await store.readAll({ from });
    all.push(...page.map(({ id }) => id));
    const last = page.at(-1);
    if (last === undefined) return all;
    from = last.position;
  }
}

beforeAll(async () => {
  app = await startTestApp({ settings: { AGENTHUB_DATA_DIR: at("first") } });
  const agentId = await app.registerAgent();
  const instance = await app.createInstance(agentId);
  const execute = () => app.call("POST", `/marketplace/instances/${instance}/execute`, { body: { endpoint: "/echo", parameters: {} } });
  let writing = true;
  const writers = [0, 1, 2].map(async () => { while (writing) cursor = (await execute()).headers.get("agenthub-cursor") ?? cursor; });
  try {
    await until(() => cursor !== "");
    writtenBefore = await ids(app.world.stores.events);
    const { status, body } = await app.call("POST", "/admin/backup", { as: "operator", body: {} });
    expect(status).toBe(201);
    backup = body.directory as string;
    // It goes on: what is written from here on belongs to the original alone.
    await execute();
  } finally {
    writing = false;
    await Promise.all(writers);
  }
});
afterAll(async () => {
  await app?.close();
  rmSync(folder, { recursive: true, force: true });
});

const restoring = (directory: string, name: string) => restoreInto({ AGENTHUB_DATA_DIR: at(name) }, directory);

describe("a backup made while the server is writing", () => {
  it("is readable by its owner alone", () => {
    expect(statSync(backup).mode & 0o077).toBe(0);
    expect(existsSync(`${backup}.part`)).toBe(false);
  });

  it("restores into an installation of another store id that holds everything up to a moment, and whose bills the audit confirms", async () => {
    await restoring(backup, "second");
    const { credentials, runtime, agent } = app.world;
    const restored = await startTestApp({ settings: { AGENTHUB_DATA_DIR: at("second") }, credentials, runtime, agent });
    try {
      const [original, copy] = [await ids(app.world.stores.events), await ids(restored.world.stores.events)];
      const common = copy.findIndex((id, n) => original[n] !== id);
      // What follows the common beginning, the restored server wrote itself.
      expect(common === -1 ? copy.length : common).toBeGreaterThanOrEqual(writtenBefore.length);
      expect(restored.world.stores.events.storeId).not.toBe(app.world.stores.events.storeId);
      await until(async () => (await restored.call("GET", "/billing/audit", { as: "operator" })).body.agrees);
      // A cursor of the original does not have a reader wait for events that will never come.
      expect((await restored.call("GET", "/marketplace/instances", { headers: { "agenthub-min-cursor": cursor } })).status).toBe(200);
    } finally {
      await restored.close();
    }
  });

  it("is refused by a folder that holds anything, when a part is missing, and when a byte was added", async () => {
    await expect(restoring(backup, "first")).rejects.toThrow(/AGENTHUB_DATA_DIR: .* holds events\.db/);
    for (const missing of ["manifest.json", "system.db"]) {
      cpSync(backup, at(`without-${missing}`), { recursive: true });
      rmSync(join(at(`without-${missing}`), missing));
      await expect(restoring(at(`without-${missing}`), "empty")).rejects.toThrow(missing);
    }
    cpSync(backup, at("changed"), { recursive: true });
    appendFileSync(join(at("changed"), "events.db"), "x");
    await expect(restoring(at("changed"), "empty")).rejects.toThrow("events.db");
    expect(existsSync(at("empty"))).toBe(false);
  });
});
