import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { openSqliteFile, type SqliteFile } from "#infra/sqlite/read-models-file.ts";
import { WriteThread } from "#infra/sqlite/write-thread.ts";

const insert = (id: number) => [["INSERT INTO things (id) VALUES (?)", id] as const];

describe("a thread that writes", () => {
  let dir: string;
  let file: SqliteFile;
  let thread: WriteThread;

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "agenthub-write-thread-"));
    const path = join(dir, "things.db");
    file = openSqliteFile(path, "NORMAL");
    file.exec("CREATE TABLE things (id INTEGER PRIMARY KEY)");
    thread = new WriteThread(path);
  });

  afterEach(async () => {
    await thread.close();
    file.close();
    rmSync(dir, { recursive: true, force: true });
  });

  const there = (): unknown[] => file.all("SELECT id FROM things ORDER BY id").map((row) => row["id"]);

  it("writes crowds one after the other, each request readable once it is answered", async () => {
    for (let round = 0; round < 3; round += 1) {
      const ids = Array.from({ length: 40 }, (_, index) => round * 40 + index);
      expect(await Promise.all(ids.map((id) => thread.add([insert(id)])))).toEqual(ids.map(() => [true]));
      expect(there()).toHaveLength((round + 1) * 40);
    }
  });

  it("fails a request alone, with all of its writes, among others that share its transaction", async () => {
    const results = await Promise.allSettled([thread.add([insert(1)]), thread.add([insert(2), insert(1)]), thread.add([insert(3)])]);
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(there()).toEqual([1, 3]);
  });

  it("leaves the rest of a write undone whose first statement changed nothing", async () => {
    await thread.add([insert(1)]);
    const guarded = (id: number) => [["INSERT OR IGNORE INTO things (id) VALUES (?)", id] as const, ["INSERT INTO things (id) VALUES (?)", id + 10] as const];
    expect(await thread.add([guarded(1), guarded(2)])).toEqual([false, true]);
    expect(there()).toEqual([1, 2, 12]);
  });

  it("writes what is long, too", async () => {
    const [some, more] = await Promise.all([thread.add(Array.from({ length: 20 }, (_, id) => insert(id))), thread.add([insert(100)])]);
    expect([some?.length, more, there().length]).toEqual([20, [true], 21]);
  });

  it("writes what was asked for before it ends", async () => {
    const asked = [thread.add([insert(1)]), thread.add([insert(2)])];
    await thread.close();
    await Promise.all(asked);
    expect(there()).toEqual([1, 2]);
  });
});
