import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, it } from "@jest/globals";
import { Amount, exactAmounts, parseJson } from "#client/json.ts";

it("src/client/schema.ts says what the code says", () => {
  const { stderr, status } = spawnSync(process.execPath, ["scripts/generate-client.mjs", "--check"], { encoding: "utf8" });
  expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
});

it("every field that is declared exact is read exactly, whatever its digits", () => {
  const names = new Set([...readFileSync("src/client/schema.ts", "utf8").matchAll(/readonly (\w+)\??: Amount\b/g)].map(([, name = ""]) => name));
  expect(names.size).toBeGreaterThan(10);
  for (const name of names) expect({ name, value: (parseJson(`{"${name}":2}`) as Record<string, unknown>)[name] }).toEqual({ name, value: new Amount("2") });
});

it("what came through a socket is exact where its millionths stand beside it, and else where a float holds every digit", () => {
  const frame = {
    total_cost: 1.1, total_cost_micros: "1100000", rate_per_hour: 0, rate_per_hour_micros: "0", cpu_usage: 12.5, cpu_usage_micros: 1, status: "running",
    parts: [{ task_cost: 1.5, task_cost_micros: "123456789012123456" }, null], plain_cost: 0.1,
  };
  const { total_cost, rate_per_hour, cpu_usage, plain_cost, parts } = exactAmounts(frame) as Record<string, unknown>;
  expect([total_cost, rate_per_hour, cpu_usage, plain_cost, (parts as { task_cost: unknown }[])[0]?.task_cost].map(String))
    .toEqual(["1.10", "0.00", "12.5", "0.10", "123456789012.123456"]);
  expect(String(Amount.ofMicros("-1"))).toBe("-0.000001");
  const written = ["24.50", "0.00", "0.000001", "0.000000000001", "-3.25", "999999999.999999", "123456789012.123"];
  const read = exactAmounts(JSON.parse(`[${written.map((price) => `{"price":${price}}`).join(",")}]`)) as { price: unknown }[];
  expect(read.map(({ price }) => price)).toEqual(written.map((text) => new Amount(text)));
  const beyond: unknown = JSON.parse('{"price":12345678901.123456}');
  expect(exactAmounts(beyond)).toEqual(beyond);
});
