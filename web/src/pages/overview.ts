import { useEffect } from "preact/hooks";
import { html } from "../html.ts";
import { useWatched } from "../instances.ts";
import { useLoad } from "../load.ts";
import { decimal, grown, micros, shown } from "../money.ts";
import { Page, Section } from "../parts/page.ts";
import { Empty, Showing } from "../parts/problem.ts";
import { Figures } from "../parts/table.ts";
import { to } from "../router.ts";
import { useSession } from "../session.ts";
import { useNow, when } from "../time.ts";
import { InstanceTable } from "./instance-table.ts";
import type { Dashboard } from "#client/schema.ts";

function Sums({ of, at, rate }: { of: Dashboard; at: number; rate: bigint }) {
  const now = useNow(rate > 0n);
  const { summary, billing } = of;
  const growth = grown(decimal(rate, 6), now - at);
  const sum = (amount: unknown) => html`<span class="money">${shown(micros(amount) + growth, rate > 0n ? 6 : 2, billing.currency)}</span>`;
  return html`<${Figures} items=${[
    ["Running", summary.running_instances], ["Paused", summary.paused_instances], ["All instances", summary.total_instances],
    ["This month", sum(billing.current_month_cost)], ["All time", sum(summary.total_cost)], ["Hours run", summary.total_uptime_hours.toFixed(2)],
  ]} />`;
}

/** What a customer sees first. */
export function OverviewPage() {
  const { client, feed, account } = useSession();
  const loaded = useLoad(async () => ({ dashboard: await client.dashboard(), at: Date.now() }), [client]);
  const watched = useWatched(feed, () => true);
  useEffect(() => { if (loaded.data !== undefined) watched.put(loaded.data.dashboard.recent_instances); }, [loaded.data]);
  useEffect(() => feed.listen(({ event }) => { if (event === "instance.status" || event === "resync_required") loaded.reload(); }), [feed, loaded.reload]);
  return html`<${Page} title="Overview" lead=${`Signed in as ${account.name}.`}>
    <${Showing} of=${loaded}>${({ dashboard, at }: { dashboard: Dashboard; at: number }) => {
      const recent = dashboard.recent_instances.flatMap(({ instance_id }) => watched.all.get(instance_id) ?? []);
      const rate = recent.reduce((sum, { instance }) => sum + micros(instance.billing_info.rate_per_hour), 0n);
      return html`<div>
        <${Sums} of=${dashboard} at=${at} rate=${rate} />
        <${Section} title="Recent instances" aside=${html`<a href=${to("instances")}>All instances</a>`}>
          ${recent.length === 0 ? html`<${Empty} title="You have no instances yet."><p><a class="button" href=${to("discover")}>Discover agents</a></p><//>`
            : html`<${InstanceTable} caption="Recent instances" rows=${recent} month=${micros(dashboard.billing.current_month_cost)} />`}
        <//>
        <${Section} title="Recent activity">
          ${dashboard.recent_activity.length === 0 ? html`<p class="quiet">Nothing has happened yet.</p>`
            : html`<ol class="timeline">${dashboard.recent_activity.map((entry) => html`<li><time datetime=${entry.at}>${when(entry.at)}</time><span>${entry.description}${entry.instance_id !== null && html` <a href=${to("instances", entry.instance_id)}>Show instance</a>`}</span></li>`)}</ol>`}
        <//>
      </div>`;
    }}<//>
  <//>`;
}
