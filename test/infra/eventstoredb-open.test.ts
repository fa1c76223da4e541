import { afterEach, expect, jest, test } from "@jest/globals";
import { openEventStoreDb } from "#infra/eventstoredb/open.ts";

afterEach(() => { jest.restoreAllMocks(); });

test.each([
  ["an option that the client does not know", "x=1", 'Unknown option key "x", setting will be ignored.'],
  ["an option that it has no use for", "tlsVerifyCert=false", '"tlsVerifyCert" is not currently supported by this client, and will have no effect.'],
])("%s is told of without the password", async (_what, option, words) => {
  const said: string[] = [];
  jest.spyOn(process.stderr, "write").mockImplementation((text) => { said.push(String(text)); return true; });
  const warned = jest.spyOn(console, "warn");
  // Nobody listens on port 1.
  const opening = openEventStoreDb(`esdb://me:secretword@127.0.0.1:1?tls=false&maxDiscoverAttempts=1&${option}`, { attemptMs: 2_000, budgetMs: 2_000 });
  await expect(opening).rejects.toThrow(/cannot be reached/);
  expect(said.filter((line) => line.includes("connection string"))).toEqual([`agenthub: the EventStoreDB connection string: ${words}\n`]);
  expect(said.join("")).not.toContain("secretword");
  expect(warned).not.toHaveBeenCalled();
  await opening.catch((error: unknown) => { expect(String(error)).not.toContain("secretword"); });
});
