import { readFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import { lifetimeCharge, monthCharge } from "#domain/billing/cost.ts";
import { emptyMeter, measure } from "#domain/billing/meter.ts";
import { formatMicros } from "#domain/kernel/money.ts";
import { plan } from "../support/facts.ts";
import { recorded } from "../support/given.ts";

interface Example {
  readonly price: Record<string, unknown>;
  readonly events: readonly [at: string, type: string][];
  readonly at: string;
  readonly bill: Record<string, string>;
  readonly months?: Record<string, string>;
}

const text = readFileSync(new URL("../../docs/billing.md", import.meta.url), "utf8");
const examples = [...text.matchAll(/```json\n(.*?)```/gs)].map((match) => JSON.parse(match[1] ?? "") as Example);

describe("docs/billing.md", () => {
  it("has examples", () => expect(examples.length).toBeGreaterThanOrEqual(5));

  it.each(examples.map((example, index) => [index + 1, example] as const))("example %i comes out as written", (_, { price, events, at, bill, months = {} }) => {
    const meter = events.map(([when, type]) => recorded({ type, data: {} }, when)).reduce(measure, emptyMeter);
    const charge = lifetimeCharge(meter, plan(price), at);
    expect({
      base_cost: formatMicros(charge.base), usage_cost: formatMicros(charge.usage), task_cost: formatMicros(charge.task), total_cost: formatMicros(charge.total),
    }).toEqual(bill);
    for (const [month, total] of Object.entries(months)) expect(formatMicros(monthCharge(meter, plan(price), month, at).total)).toBe(total);
  });
});
