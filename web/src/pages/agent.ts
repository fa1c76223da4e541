import { useEffect, useState } from "preact/hooks";
import type { Agent } from "#client/schema.ts";
import { html } from "../html.ts";
import { useLoad } from "../load.ts";
import { priceText } from "../money.ts";
import { Page, Section } from "../parts/page.ts";
import { Showing } from "../parts/problem.ts";
import { Badge } from "../parts/status.ts";
import { Figures, Table } from "../parts/table.ts";
import { to } from "../router.ts";
import { plays, useSession } from "../session.ts";
import { day } from "../time.ts";
import { percent } from "./discover.ts";
import { StartDialog } from "./start-dialog.ts";

type Endpoint = Agent["endpoints"][number];

function Details({ of }: { of: Agent }) {
  const { availability, performance_metrics: performance, pricing_info, total_instances, customer_instances } = of.marketplace_info;
  return html`<div>
    <${Figures} items=${[
      ["Price", priceText(pricing_info)], ["Free places", `${availability.max_instances - availability.current_instances} of ${availability.max_instances}`],
      ["Success rate", percent(performance.success_rate)], ["Availability", percent(performance.availability)],
      ["Answers in", performance.average_response_time === null ? "no data yet" : `${performance.average_response_time.toFixed(2)} s`],
      ["Started ever", total_instances], ["Yours, live", customer_instances],
    ]} />
    <${Section} title="Endpoints">
      ${of.endpoints.length === 0 ? html`<p class="quiet">The agent declares none: any path is let through.</p>`
        : html`<${Table} caption="Endpoints" rows=${of.endpoints} columns=${[
          { head: "Path", cell: ({ method, path }: Endpoint) => html`<code>${method} ${path}</code>` },
          { head: "What it does", cell: ({ description }: Endpoint) => description ?? "" },
        ]} />`}
    <//>
    <${Section} title="About">
      <dl class="pairs">
        <dt>Category</dt><dd>${of.category}</dd><dt>Kind</dt><dd>${of.type}, ${of.protocol}</dd><dt>Since</dt><dd>${day(of.created_at)}</dd>
        ${typeof of.docker_image === "string" && html`<dt>Image</dt><dd><code>${of.docker_image}</code></dd>`}
        ${of.tags.length > 0 && html`<dt>Tags</dt><dd class="tags">${of.tags.map((tag) => html`<span class="tag">${tag}</span>`)}</dd>`}
      </dl>
    <//>
  </div>`;
}

/** One agent, and starting an instance of it. */
export function AgentPage({ id }: { id: string }) {
  const { client, feed, account } = useSession();
  const [starting, setStarting] = useState(false);
  const loaded = useLoad(() => client.getAgent(id), [client, id]);
  useEffect(() => feed.listen((frame) => { if (frame.event === "agent.changed" && frame.data.agent_id === id) loaded.reload(); }), [feed, loaded.reload]);
  const agent = loaded.data;
  const start = agent !== undefined && plays(account, "customer") && agent.lifecycle_stage !== "deregistered"
    && html`<button type="button" class="primary" disabled=${!agent.marketplace_info.availability.available} onClick=${() => setStarting(true)}>Start an instance</button>`;
  return html`<${Page} title=${agent?.name ?? "Agent"} lead=${agent === undefined ? undefined : html`<p>${agent.description}</p><p class="quiet">Version ${agent.version} ${agent.lifecycle_stage === "deregistered" && html`<${Badge} tone="still" text="deregistered" />`}</p>`} actions=${start}>
    <p class="back"><a href=${to("discover")}>All agents</a></p>
    <${Showing} of=${loaded}>${(data: Agent) => html`<${Details} of=${data} />`}<//>
    ${starting && agent !== undefined && html`<${StartDialog} agent=${agent} close=${() => setStarting(false)} />`}
  <//>`;
}
