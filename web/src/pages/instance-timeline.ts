import type { HistoryEvent, Instance } from "#client/schema.ts";
import { html } from "../html.ts";
import { everyPage, useLoad } from "../load.ts";
import { Showing } from "../parts/problem.ts";
import { useSession } from "../session.ts";
import { when } from "../time.ts";

// Bookkeeping that happens beside what a reader knows already.
const silent = new Set(["UsageDayOpened"]);

/** What happened to an instance, the latest first. */
export function Timeline({ of }: { of: Instance }) {
  const { client } = useSession();
  const { instance_id: id, status, health_status: { healthy }, resource_usage: { task_count } } = of;
  const loaded = useLoad(async () => (await everyPage<HistoryEvent>(async (cursor) => {
    const page = await client.instanceEvents(id, { limit: 100, cursor });
    return { items: page.events, next: page.next_cursor };
  }, 2000)).filter(({ type }) => !silent.has(type)).toReversed(), [client, id, status, healthy, task_count]);
  return html`<${Showing} of=${loaded}>${(events: readonly HistoryEvent[]) => html`<ol class="timeline">
    ${events.map((event) => html`<li key=${event.event_id}><time datetime=${event.at}>${when(event.at)}</time><span>${event.description} <span class="quiet">${event.type}</span></span></li>`)}
  </ol>`}<//>`;
}
