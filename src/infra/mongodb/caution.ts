import type { Db } from "mongodb";

/** What the operator must know of a server. FerretDB 1 looks for the documents of an update and writes them in two steps, so of two processes both may win. */
export async function cautionFor(db: Db): Promise<string | null> {
  const { ferretdbVersion } = (await db.command({ buildInfo: 1 })) as { ferretdbVersion?: unknown };
  if (typeof ferretdbVersion !== "string" || !/^v?[01]\./.test(ferretdbVersion)) return null;
  return `FerretDB ${ferretdbVersion} has no atomic guarded updates: run one AgentHub process on it, and no second one.`;
}
