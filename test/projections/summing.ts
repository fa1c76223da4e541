import { afterEach, expect } from "@jest/globals";
import { openSqliteReadModels } from "#infra/sqlite/read-models.ts";
import { addBills, BillingTotals, RevenueTotals } from "#projections/billing-summary.ts";
import { DashboardTotals, dashboardTotals } from "#projections/dashboard.ts";
import { projections } from "#projections/index.ts";
import { instanceBilling } from "#projections/instance-billing.ts";
import { customerSum } from "#projections/instance-sums.ts";
import { instances } from "#projections/instances.ts";
import type { ReadModels } from "#projections/ports.ts";
import { readSums } from "#projections/read-sums.ts";
import { type Read, Reader } from "#projections/reader.ts";
import { Projector } from "#projections/runner.ts";
import type { SumDocument } from "#projections/sums.ts";
import type { History } from "#test/support/history.ts";
import { customers, publisher } from "./lives.ts";

const opened: ReadModels[] = [];

/** Read models of the test that runs. */
export const open = (): ReadModels => {
  const models = openSqliteReadModels(":memory:");
  opened.push(models);
  return models;
};

/** Closes them when their test has ended. */
export const closeEach = (): void => afterEach(async () => {
  for (const models of opened.splice(0)) await models.close();
});

/** A projector of a history. */
export const projectorOf = (history: History, models: ReadModels, batch = 250, epoch = 1) =>
  new Projector({ models, feed: history.feed(), projections, batch, epoch, pause: () => Promise.resolve() });

/** Projects a history; nothing of it may be parked. */
export async function project(history: History, models: ReadModels, batch?: number): Promise<void> {
  const projector = projectorOf(history, models, batch);
  while (await projector.step());
  expect(projector.status().filter(({ parked }) => parked > 0)).toEqual([]);
}

const noSamples = async () => new Map<string, never>();

/** What is answered from sums and what is open. */
export async function summarised(models: ReadModels, now: string): Promise<unknown[]> {
  const reader = new Reader(models);
  const revenue = new RevenueTotals(now);
  await addBills(reader, { publisher_id: publisher }, revenue);
  const answers: unknown[] = [revenue.view(publisher)];
  for (const customer_id of customers) {
    const bills = new BillingTotals(now);
    const currency = await addBills(reader, { customer_id }, bills);
    answers.push(bills.view(currency ?? "none"), (await dashboardTotals(reader, customer_id, now, noSamples)).view("USD"));
  }
  return answers.map((answer) => JSON.stringify(answer));
}

/** The same from every instance and every bill, one by one. */
export async function walked(models: ReadModels, now: string): Promise<unknown[]> {
  const reader = new Reader(models);
  const revenue = new RevenueTotals(now);
  for await (const bill of reader.all(instanceBilling, { index: "by_publisher", equals: { publisher_id: publisher } })) revenue.add(bill);
  const answers: unknown[] = [revenue.view(publisher)];
  for (const customer_id of customers) {
    const [bills, dashboard] = [new BillingTotals(now), new DashboardTotals(now)];
    let currency = "none";
    for await (const bill of reader.all(instanceBilling, { index: "by_customer", equals: { customer_id } })) {
      bills.add(bill);
      currency = bill.price.currency;
    }
    for await (const instance of reader.all(instances, { index: "by_customer", equals: { customer_id } })) dashboard.add(instance, null);
    answers.push(bills.view(currency), dashboard.view("USD"));
  }
  return answers.map((answer) => JSON.stringify(answer));
}

/** All sums there are. */
export async function sumsOf(models: ReadModels): Promise<readonly Read<SumDocument>[]> {
  const reader = new Reader(models);
  const lists = [`publisher ${publisher}`, ...customers.map(customerSum)];
  const found = await readSums(reader, instances, lists);
  return [...found, ...await readSums(reader, instances, found.flatMap(({ _id, figures }) => Object.keys(figures["sums"] ?? {}).map((part) => `${_id} ${part}`)))];
}
