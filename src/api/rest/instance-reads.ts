import { z } from "zod";
import { agentId } from "#domain/kernel/ids.ts";
import { monthOf } from "#domain/kernel/time.ts";
import { instances } from "#projections/instances.ts";
import { leftLists } from "#projections/instance-view.ts";
import { token } from "#projections/search.ts";
import { usageMonthId, usageMonths, usageView } from "#projections/usage.ts";
import { usageOut } from "./billing-outputs.ts";
import type { RestContext } from "./context.ts";
import { account, anyInstant, label, month, paging } from "./inputs.ts";
import { instanceViews, readableInstance } from "./instance-views.ts";
import { samplesOut } from "./operation-outputs.ts";
import { instanceOut, instanceStatus, listOf } from "./outputs.ts";
import { readPage } from "./page.ts";
import { type Route, route } from "./route.ts";
import { whose } from "./whose.ts";

const hour = 3_600_000;

const listQuery = z.strictObject({
  ...paging,
  status: instanceStatus.optional(), agent_id: agentId.optional(),
  label: label(262).regex(/^[^=]+=/, "must be name=value").optional().meta({ description: "`name=value`" }),
  include: z.literal("terminated").optional().meta({ description: "Shows instances that ended more than 30 days ago, too." }),
  customer_id: account,
});
const metricsQuery = z.strictObject({
  from: anyInstant.optional(), to: anyInstant.optional(),
  limit: z.string().regex(/^\d{1,4}$/).default("500").transform(Number).refine((number) => number >= 1 && number <= 5000, "must be a number from 1 to 5000")
    .meta({ type: "integer", minimum: 1, maximum: 5000, default: 500 }),
});

/** Reading instances, their figures and their usage. */
export function instanceReadRoutes(context: RestContext): Route[] {
  const { metrics, readModels } = context.services;
  return [
    route({
      method: "get", path: "/marketplace/instances", tag: "instances", summary: "List your instances, the newest first", roles: ["customer"],
      query: listQuery, responses: { 200: listOf("instances", instanceOut) },
      async handler({ query, principal }) {
        const now = context.now();
        const customer = whose(principal, query.customer_id);
        const tokens = [
          ...(query.status === undefined ? [] : [token("status", query.status)]), ...(query.agent_id === undefined ? [] : [token("agent", query.agent_id)]),
          ...(query.label === undefined ? [] : [`label:${query.label}`]),
        ];
        const page = await readPage(context, instances, {
          limit: query.limit, cursor: query.cursor,
          query: { index: "by_customer", equals: { customer_id: customer }, descending: true, tokens },
          ...(query.include === undefined ? { keep: (document) => !leftLists(document, now) } : {}),
        });
        return { body: { instances: await instanceViews(context, page.documents), next_cursor: page.next_cursor } };
      },
    }),
    route({
      method: "get", path: "/marketplace/instances/{id}", tag: "instances", summary: "Show an instance", roles: ["customer"],
      params: { id: "instance" }, responses: { 200: instanceOut },
      async handler({ params, principal }) {
        const document = await readableInstance(context, params["id"] ?? "", principal);
        const pull = context.services.instances.pullProgress(document.instance_id);
        return { body: { ...(await instanceViews(context, [document]))[0], ...(pull === null ? {} : { pull_progress: pull }) } };
      },
    }),
    route({
      method: "get", path: "/marketplace/instances/{id}/metrics", tag: "instances", summary: "Samples of an instance, the oldest first", roles: ["customer"],
      params: { id: "instance" }, query: metricsQuery, responses: { 200: samplesOut },
      async handler({ params, query, principal }) {
        const { instance_id } = await readableInstance(context, params["id"] ?? "", principal);
        const to = query.to === undefined ? context.services.clock.now() + 1 : Date.parse(query.to);
        const from = query.from === undefined ? to - hour : Date.parse(query.from);
        const samples = await metrics.range(instance_id, from, to, query.limit);
        return {
          body: {
            instance_id, from: new Date(from).toISOString(), to: new Date(to).toISOString(), interval_s: context.services.settings.monitor_interval_ms / 1000,
            metrics: samples.map(({ at, instance_id: _own, ...sample }) => ({ at: new Date(at).toISOString(), ...sample })),
          },
        };
      },
    }),
    route({
      method: "get", path: "/marketplace/instances/{id}/usage", tag: "instances", summary: "Usage of an instance in a month, by day", roles: ["customer"],
      params: { id: "instance" }, query: z.strictObject({ month: month.optional() }), responses: { 200: usageOut },
      async handler({ params, query, principal }) {
        const { instance_id } = await readableInstance(context, params["id"] ?? "", principal);
        const asked = query.month ?? monthOf(context.now());
        const document = await readModels.reader.get(usageMonths, usageMonthId(instance_id, asked));
        return { body: usageView(document ?? { instance_id, account_id: "", month: asked, days: [] }) };
      },
    }),
  ];
}
