import { z } from "zod";
import { activity } from "#projections/activity.ts";
import { dashboardTotals, dashboardView } from "#projections/dashboard.ts";
import { type InstanceDocument, instances } from "#projections/instances.ts";
import { dashboardOut } from "./billing-outputs.ts";
import type { RestContext } from "./context.ts";
import { account } from "./inputs.ts";
import { type Route, route } from "./route.ts";
import { whose } from "./whose.ts";

/** What a customer sees first. */
export function dashboardRoutes(context: RestContext): Route[] {
  const { metrics, readModels } = context.services;
  const { reader } = readModels;

  const samplesOf = async (documents: readonly InstanceDocument[]) =>
    new Map((await metrics.latest(documents.map((document) => document.instance_id))).map((sample) => [sample.instance_id, sample]));

  return [
    route({
      method: "get", path: "/marketplace/dashboard", tag: "marketplace", summary: "Instances, cost, activity and resources at a glance", roles: ["customer"],
      query: z.strictObject({ account_id: account }), responses: { 200: dashboardOut },
      async handler({ query, principal }) {
        const customer = whose(principal, query.account_id);
        const now = context.now();
        const [totals, recent, latest] = await Promise.all([
          dashboardTotals(reader, customer, now, samplesOf),
          reader.query(instances, { index: "by_customer_changed", equals: { customer_id: customer }, descending: true, limit: 5 }),
          reader.query(activity, { index: "by_account", equals: { account_id: customer }, descending: true, limit: 10 }),
        ]);
        const samples = await samplesOf(recent);
        return {
          body: dashboardView({
            customer_id: customer, currency: principal.currency, now, totals, activity: latest,
            recent: recent.map((document) => ({ document, sample: samples.get(document.instance_id) ?? null })),
          }),
        };
      },
    }),
  ];
}
