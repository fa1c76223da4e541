import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { noStream } from "#commands/ports.ts";
import { openSqliteEventStore } from "#infra/sqlite/event-store.ts";
import { until } from "#test/support/until.ts";
import { someEvents, someStream, tip } from "./event-store-samples.ts";

const minutes = 120_000;
const program = (file: string): string => fileURLToPath(new URL(file, import.meta.url));
const writer = program("./event-store-writer.ts");

describe("the SQLite event store's file", () => {
  let directory: string;
  let path: string;
  const children: ChildProcess[] = [];
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "agenthub-events-"));
    path = join(directory, "events.db");
  });
  afterEach(async () => {
    for (const child of children.splice(0)) await kill(child);
    await rm(directory, { recursive: true, force: true });
  });

  function startWriter(): { child: ChildProcess; lines: () => string[] } {
    const child = spawn(process.execPath, [writer, path], { stdio: ["ignore", "pipe", "inherit"] });
    children.push(child);
    let output = "";
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
    return { child, lines: () => output.split("\n").slice(0, -1) };
  }

  test("holds every acknowledged append after kill -9, each once, three times in a row", async () => {
    let acknowledged: string[] = [];
    for (let round = 0; round < 3; round++) {
      const { child, lines } = startWriter();
      await until(() => lines().length > 200, { timeout: 60_000, what: "200 acknowledged appends" });
      await kill(child);
      acknowledged = [...acknowledged, ...lines().slice(1)];
      const store = await openSqliteEventStore(path);
      const stored = new Map<string, string>();
      for (let from: string | undefined; ; ) {
        const page = await store.readAll(from === undefined ? {} : { from });
        if (page.length === 0) break;
        for (const event of page) stored.set(event.id, `${event.stream} ${event.revision} ${event.id}`);
        from = page.at(-1)?.position;
      }
      await store.close();
      expect(acknowledged.filter((line) => stored.get(String(line.split(" ")[2])) !== line)).toEqual([]);
      expect(new Set(stored.values()).size).toBe(stored.size);
    }
  }, minutes);

  test("is refused to a second process while the first has it, and given to it afterwards", async () => {
    const { child, lines } = startWriter();
    await until(() => lines().length > 0, { timeout: 60_000, what: "the first process has opened it" });
    const refused = await openSqliteEventStore(path).catch((error: unknown) => error);
    expect(refused).toMatchObject({ name: "DataDirectoryInUse", message: expect.stringContaining("another AgentHub uses") });
    await kill(child);
    const store = await openSqliteEventStore(path);
    expect(await store.health()).toEqual({ ok: true });
    await store.close();
  }, minutes);

  test("keeps its identity, its events and its positions when it is opened again", async () => {
    const stream = someStream();
    const events = someEvents(3);
    const first = await openSqliteEventStore(path);
    await first.append(stream, events, noStream);
    const before = await first.read(stream);
    await first.close();
    const second = await openSqliteEventStore(path);
    expect(second.storeId).toBe(first.storeId);
    expect(await second.read(stream)).toEqual(before);
    const { position } = await second.append(stream, someEvents(1), 2);
    expect(position > String(before.at(-1)?.position)).toBe(true);
    expect(await tip(second)).toBe(position);
    await second.close();
  }, minutes);

  test("survives the death of its worker: every append in flight is known or unknown, and its retry is written once", async () => {
    const child = spawn(process.execPath, [program("./event-store-worker-death.ts"), path], { stdio: ["ignore", "pipe", "inherit"] });
    children.push(child);
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
    await once(child, "close");
    const { replaced, outcomes, retries, stored, seen, proposed } = JSON.parse(output) as Record<string, string[]>;
    expect(replaced).toBe(true);
    expect(outcomes?.filter((outcome) => outcome !== "written" && outcome !== "OutcomeUnknown")).toEqual([]);
    expect(new Set(retries)).toEqual(new Set(["fulfilled"]));
    expect(stored?.toSorted()).toEqual(proposed?.toSorted());
    expect(seen).toEqual(stored);
  }, minutes);

  test("refuses every call once it is closed", async () => {
    const store = await openSqliteEventStore(path);
    await store.close();
    await store.close();
    await expect(store.append(someStream(), someEvents(1), noStream)).rejects.toMatchObject({ name: "Unavailable" });
    await expect(store.read(someStream())).rejects.toMatchObject({ name: "Unavailable" });
    expect(await store.health()).toMatchObject({ ok: false });
  }, minutes);
});

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, "close"); // "close" comes after the last of its output
  child.kill("SIGKILL");
  await closed;
}
