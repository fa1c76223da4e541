import { useEffect, useMemo, useState } from "preact/hooks";
import type { Instance } from "#client/schema.ts";
import { Feed } from "../feed.ts";
import { html, type Content } from "../html.ts";
import { useSamples, useWatched, type Watched } from "../instances.ts";
import { useLoad } from "../load.ts";
import { Sparkline } from "../parts/charts.ts";
import { TotalCost } from "../parts/cost.ts";
import { Page } from "../parts/page.ts";
import { Showing } from "../parts/problem.ts";
import { ended, Status } from "../parts/status.ts";
import { Figures } from "../parts/table.ts";
import { to } from "../router.ts";
import { useSession } from "../session.ts";
import { span, useNow, when } from "../time.ts";
import { InstanceActions } from "./instance-actions.ts";
import { Bill } from "./instance-bill.ts";
import { Execute } from "./instance-execute.ts";
import { Logs } from "./instance-logs.ts";
import { MetricsCharts } from "./instance-metrics.ts";
import { PullProgress } from "./instance-progress.ts";
import { Tasks } from "./instance-tasks.ts";
import { Timeline } from "./instance-timeline.ts";

const tabs = [["timeline", "Timeline"], ["tasks", "Tasks"], ["logs", "Logs"], ["metrics", "Metrics"], ["bill", "Bill"], ["settings", "Settings"]] as const;

function Uptime({ of, at }: { of: Instance; at: number }) {
  const runs = of.status === "running";
  const now = useNow(runs);
  return html`<span>${span(of.resource_usage.uptime + (runs ? Math.max(0, now - at) / 1000 : 0))}</span>`;
}

function Glance({ of }: { of: Watched }) {
  const { instance, costAt } = of;
  const samples = useSamples(instance.instance_id, of.samples);
  const { health_status: health, connection } = instance;
  return html`<${Figures} items=${[
    ["Cost", html`<${TotalCost} of=${instance.billing_info} at=${costAt} />`], ["Ran for", html`<${Uptime} of=${instance} at=${costAt} />`],
    ["Tasks", instance.resource_usage.task_count], ["Health", html`<${Sparkline} samples=${samples} />`],
    ["Last good check", when(health.last_heartbeat)],
    ...(connection.protocol === "acp" ? [["Connection", connection.connected ? "connected" : "not connected"] as const] : []),
  ]} />`;
}

function Settings({ of }: { of: Instance }) {
  const { environment: names, labels, ...limits } = of.instance_config;
  return html`<dl class="pairs">
    <dt>Instance</dt><dd><code>${of.instance_id}</code></dd><dt>Agent</dt><dd><a href=${to("agents", of.agent_id)}>${of.agent_name}</a> ${of.agent_version}</dd>
    <dt>Requested</dt><dd>${when(of.created_at)}</dd><dt>Memory limit</dt><dd>${limits.memory_limit ?? "as the agent asks"}</dd><dt>CPU limit</dt><dd>${limits.cpu_limit ?? "as the agent asks"}</dd>
    <dt>Environment</dt><dd>${names.length === 0 ? "nothing set" : names.join(", ")}</dd>
    <dt>Labels</dt><dd>${Object.keys(labels).length === 0 ? "none" : Object.entries(labels).map(([name, value]) => html`<span class="tag">${name}=${value}</span>`)}</dd>
  </dl>`;
}

function tab(part: string, of: Watched): Content {
  const { instance } = of;
  switch (part) {
    case "tasks": return html`<${Tasks} of=${instance} />`;
    case "logs": return html`<${Logs} id=${instance.instance_id} />`;
    case "metrics": return html`<${MetricsCharts} id=${instance.instance_id} live=${of.samples} />`;
    case "bill": return html`<${Bill} id=${instance.instance_id} />`;
    case "settings": return html`<${Settings} of=${instance} />`;
    default: return html`<${Timeline} of=${instance} />`;
  }
}

function Whole({ of, part, changed }: { of: Watched; part: string; changed: (instance: Instance) => void }) {
  const { instance } = of;
  const { failure } = instance;
  return html`<div>
    ${instance.status === "starting" && html`<${PullProgress} of=${instance} />`}
    ${failure !== null && html`<div class="problem" role="alert"><p class="problem-title">The instance failed: ${failure.reason.replaceAll("-", " ")}</p><p>${failure.detail ?? ""}</p><p>Its <a href=${to("instances", instance.instance_id, "logs")}>logs</a> may tell more. <a href=${to("agents", instance.agent_id)}>Start another</a> when the cause is mended.</p></div>`}
    ${instance.health_status.last_error !== null && !instance.health_status.healthy && instance.status === "running" && html`<p class="notice">Last failed check: ${instance.health_status.last_error}</p>`}
    <${Glance} of=${of} />
    ${!ended(instance.status) && html`<${Execute} of=${instance} changed=${changed} />`}
    <nav class="tabs" aria-label="About this instance"><ul>${tabs.map(([name, text]) => html`<li key=${name}><a href=${to("instances", instance.instance_id, name)} aria-current=${part === name ? "page" : undefined}>${text}</a></li>`)}</ul></nav>
    <section aria-label=${tabs.find(([name]) => name === part)?.[1] ?? "Timeline"} key=${part}>${tab(part, of)}</section>
  </div>`;
}

/** One instance: how it is, what it did, and what can be done with it. */
export function InstancePage({ id, part }: { id: string; part: string }) {
  const { client } = useSession();
  // A connection of its own: only who names an instance is told its samples.
  const feed = useMemo(() => new Feed(client, [`instance:${id}`]), [client, id]);
  useEffect(() => () => feed.close(), [feed]);
  const loaded = useLoad(() => client.getInstance(id), [client, id]);
  const watched = useWatched(feed, (other) => other === id);
  const [spoken, setSpoken] = useState("");
  useEffect(() => { if (loaded.data !== undefined) watched.put([loaded.data]); }, [loaded.data]);
  const of = watched.all.get(id);
  const status = of?.instance.status;
  useEffect(() => { if (status !== undefined) setSpoken(`The instance is ${status}.`); }, [status]);
  return html`<${Page} title=${of?.instance.agent_name ?? "Instance"}
    lead=${of !== undefined && html`<p class="under-title"><${Status} of=${of.instance} /> <code class="id">${id}</code></p>`}
    actions=${of !== undefined && html`<${InstanceActions} of=${of.instance} changed=${(instance: Instance) => watched.put([instance])} />`}>
    <p class="unseen" role="status">${spoken}</p>
    <p class="back"><a href=${to("instances")}>All instances</a></p>
    <${Showing} of=${{ ...loaded, data: loaded.data === undefined ? undefined : of }}>${(shown: Watched) => html`<${Whole} of=${shown} part=${part} changed=${() => watched.refresh(id)} />`}<//>
  <//>`;
}
