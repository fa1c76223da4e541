import { useEffect, useState } from "preact/hooks";
import type { Instance } from "#client/schema.ts";
import { html } from "../html.ts";
import { useWatched } from "../instances.ts";
import { everyPage, useLoad } from "../load.ts";
import { micros } from "../money.ts";
import { Choice } from "../parts/field.ts";
import { Page } from "../parts/page.ts";
import { Empty, Showing } from "../parts/problem.ts";
import { ended } from "../parts/status.ts";
import { to } from "../router.ts";
import { useSession } from "../session.ts";
import { InstanceTable } from "./instance-table.ts";

const choices = [["live", "Live ones"], ["ended", "Ended ones"], ["all", "All"]] as const;

/** A customer's instances, as they live. */
export function InstancesPage() {
  const { client, feed } = useSession();
  const [show, setShow] = useState("live");
  const loaded = useLoad(async () => {
    const [instances, dashboard] = await Promise.all([
      everyPage<Instance>(async (cursor) => {
        const page = await client.listInstances({ limit: 100, cursor });
        return { items: page.instances, next: page.next_cursor };
      }),
      client.dashboard(),
    ]);
    return { instances, month: micros(dashboard.billing.current_month_cost) };
  }, [client]);
  const watched = useWatched(feed, () => true);
  useEffect(() => { if (loaded.data !== undefined) watched.put(loaded.data.instances); }, [loaded.data]);
  const rows = [...watched.all.values()].filter(({ instance }) => show === "all" || ended(instance.status) === (show === "ended"))
    .toSorted((a, b) => (a.instance.created_at < b.instance.created_at ? 1 : -1));
  return html`<${Page} title="Instances" actions=${html`<a class="button" href=${to("discover")}>Start another</a>`}>
    <${Showing} of=${loaded}>${({ month }: { month: bigint }) => html`<div>
      <div class="filters"><${Choice} label="Show" name="show" value=${show} options=${choices} change=${setShow} /></div>
      ${rows.length > 0 ? html`<${InstanceTable} caption="Instances" rows=${rows} month=${month} />`
        : html`<${Empty} title=${show === "ended" ? "Nothing has ended yet." : "No instance is live."}><p><a class="button" href=${to("discover")}>Discover agents</a></p><//>`}
    </div>`}<//>
  <//>`;
}
