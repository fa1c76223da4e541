import { z } from "zod";
import { accountId, instanceId } from "#domain/kernel/ids.ts";
import { addBills, BillingTotals, RevenueTotals } from "#projections/billing-summary.ts";
import { billingView, instanceBilling } from "#projections/instance-billing.ts";
import { isOperator, mayRead } from "../auth/principal.ts";
import { auditOut, billOut, historyOut, revenueOut, summaryOut } from "./billing-outputs.ts";
import type { RestContext } from "./context.ts";
import { account, anyInstant, month, paging } from "./inputs.ts";
import { ownInstance } from "./instance-views.ts";
import { absent } from "./problem-details.ts";
import { type Route, route } from "./route.ts";
import { whose } from "./whose.ts";

/** What was used and what it costs. */
export function billingRoutes(context: RestContext): Route[] {
  const { services } = context;
  const { reader } = services.readModels;

  async function totals(customer: string, currency: string) {
    const bills = new BillingTotals(context.now());
    const found = await addBills(reader, { customer_id: customer }, bills);
    return bills.view(found ?? currency);
  }

  return [
    route({
      method: "get", path: "/billing/summary", tag: "billing", summary: "What everything cost, by month and by agent", roles: ["customer"],
      query: z.strictObject({ month: month.optional(), account_id: account }), responses: { 200: summaryOut },
      async handler({ query, principal }) {
        const customer = whose(principal, query.account_id);
        const view = await totals(customer, principal.currency);
        if (query.month === undefined) return { body: { customer_id: customer, ...view } };
        const of = <T extends { readonly month: string }>(months: readonly T[]) => months.find((entry) => entry.month === query.month);
        const agents = view.agents.flatMap(({ agent_id, agent_name, months }) => {
          const own = of(months);
          return own === undefined ? [] : [{ agent_id, agent_name, ...own }];
        });
        const { currency, as_of } = view;
        const empty = new BillingTotals(as_of).view(currency);
        const { months: _none, agents: _nobody, current_month_cost: _now, instances: _count, ...zero } = empty;
        return { body: { customer_id: customer, ...zero, ...of(view.months), month: query.month, currency, as_of, agents } };
      },
    }),
    route({
      method: "get", path: "/billing/history", tag: "billing", summary: "What every month cost, the newest first", roles: ["customer"],
      query: z.strictObject({ ...paging, account_id: account }), responses: { 200: historyOut },
      async handler({ query, principal }) {
        const customer = whose(principal, query.account_id);
        const list = `billing-history ${customer}`;
        const before = query.cursor === undefined ? "9999" : String(context.pages.read(list, query.cursor).value);
        const view = await totals(customer, principal.currency);
        const rest = view.months.filter((entry) => entry.month < before).toReversed();
        const months = rest.slice(0, query.limit);
        const last = months.at(-1)?.month;
        const next = last !== undefined && rest.length > months.length ? context.pages.write(list, { value: last, id: last }) : null;
        return { body: { customer_id: customer, currency: view.currency, as_of: view.as_of, months, next_cursor: next } };
      },
    }),
    route({
      method: "get", path: "/billing/instances/{id}", tag: "billing", summary: "The bill of an instance, lifetime and by month", roles: ["customer"],
      params: { id: "instance" }, responses: { 200: billOut },
      async handler({ params, principal }) {
        const bill = await reader.get(instanceBilling, params["id"] ?? "");
        if (bill === null || !mayRead(principal, bill.customer_id)) throw absent.instance();
        return { body: billingView(bill, context.now()) };
      },
    }),
    route({
      method: "get", path: "/billing/audit", tag: "billing", roles: "any",
      summary: "Recompute bills from the events alone and compare them with what the API shows",
      query: z.strictObject({ account: accountId.optional(), instance: instanceId.optional(), period: month.optional(), as_of: anyInstant.optional() }),
      responses: { 200: auditOut },
      async handler({ query, principal }) {
        const { account: asked, instance, period, as_of } = query;
        if (instance !== undefined) {
          const { request } = await ownInstance(context, instance, principal);
          if (asked !== undefined && asked !== request.customer_id) throw absent.instance();
        }
        // An operator who names nobody means everybody.
        const owner = isOperator(principal) ? asked : whose(principal, asked);
        const scope = { account: instance === undefined ? owner : undefined, instance, period, as_of };
        return { body: await services.audit(Object.fromEntries(Object.entries(scope).filter(([, value]) => value !== undefined))) };
      },
    }),
    route({
      method: "get", path: "/publisher/revenue", tag: "billing", summary: "What your agents earned, by currency, month and agent", roles: ["publisher"],
      query: z.strictObject({ account_id: account }), responses: { 200: revenueOut },
      async handler({ query, principal }) {
        const publisher = whose(principal, query.account_id);
        const revenue = new RevenueTotals(context.now());
        await addBills(reader, { publisher_id: publisher }, revenue);
        return { body: revenue.view(publisher) };
      },
    }),
  ];
}
