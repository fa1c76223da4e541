import { randomUUID } from "node:crypto";
import { DatabaseSync } from "node:sqlite";

/** Checks a copy of an event store that nobody uses, and gives it another id: cursors and checkpoints of the original mean nothing to it. */
export function renewStoreId(path: string): string {
  const db = new DatabaseSync(path);
  try {
    const check = db.prepare("pragma quick_check").get()?.["quick_check"];
    if (check !== "ok") throw new Error(`${path} is damaged: ${String(check)}`);
    const id = randomUUID();
    const { changes } = db.prepare("update meta set value = ? where name = 'store_id'").run(id);
    if (Number(changes) !== 1) throw new Error(`${path} is no event store of AgentHub`);
    // Everything into the one file: it is moved without its log.
    db.exec("pragma journal_mode = delete");
    return id;
  } finally {
    db.close();
  }
}
