import { readFile } from "node:fs/promises";
import { describe, expect, test } from "@jest/globals";
import { until } from "#test/support/until.ts";

describe("the test tooling", () => {
  test("runs TypeScript and resolves the import aliases", async () => {
    const half: (n: number) => number = (n) => n / 2;
    expect(half(84)).toBe(42);
    expect(await until(() => "ready")).toBe("ready");
  });

  test("an error that Node's own modules throw is an Error here", async () => {
    const error: unknown = await readFile("no/such/file").catch((e: unknown) => e);
    expect(error).toBeInstanceOf(Error);
    expect(error instanceof Error && "code" in error && error.code).toBe("ENOENT");
    expect(error).not.toBeInstanceOf(TypeError);
  });

  test("a subclass does not claim its parent's instances", () => {
    class Refused extends Error {}
    expect(new Refused("no")).toBeInstanceOf(Refused);
    expect(new Error("no")).not.toBeInstanceOf(Refused);
  });
});

describe("until", () => {
  test("polls until the condition holds, a throwing one included", async () => {
    let calls = 0;
    const value = await until(
      () => {
        calls += 1;
        if (calls === 1) throw new Error("not yet");
        return calls > 2 ? calls : undefined;
      },
      { interval: 1 },
    );
    expect(value).toBe(3);
  });

  test("names what never came, and keeps the last error as its cause", async () => {
    const last = new Error("connection refused");
    const waiting = until(() => Promise.reject(last), { timeout: 5, interval: 1, what: "the server" });
    await expect(waiting).rejects.toMatchObject({ message: "the server did not come true within 5 ms", cause: last });
  });
});
