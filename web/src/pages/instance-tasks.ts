import { useState } from "preact/hooks";
import type { Instance, Task } from "#client/schema.ts";
import { html } from "../html.ts";
import { useAction, useLoad } from "../load.ts";
import { money } from "../money.ts";
import { Dialog } from "../parts/dialog.ts";
import { Empty, Problem, Showing } from "../parts/problem.ts";
import { Badge } from "../parts/status.ts";
import { Table } from "../parts/table.ts";
import { useSession } from "../session.ts";
import { when } from "../time.ts";
import { pretty } from "./instance-execute.ts";

const tones = { completed: "good", running: "busy", pending: "busy", cancelled: "still" } as const;
const toneOf = (status: string) => tones[status as keyof typeof tones] ?? "bad";

function ResultDialog({ id, close }: { id: string; close: () => void }) {
  const { client } = useSession();
  const loaded = useLoad(() => client.getTask(id), [client, id]);
  return html`<${Dialog} title="Task" close=${close}>
    <${Showing} of=${loaded}>${(task: Task) => html`<div>
      <p><code>${task.task_id}</code></p>
      ${task.error !== undefined && html`<pre tabindex="0">${pretty(task.error)}</pre>`}
      ${task.result === undefined ? task.error === undefined && html`<p class="quiet">There is no result; results are kept for 24 hours.</p>` : html`<pre tabindex="0" aria-label="Result">${pretty(task.result)}</pre>`}
    </div>`}<//>
    <div class="actions"><button type="button" onClick=${close}>Close</button></div>
  <//>`;
}

/** An instance's tasks, the newest first. */
export function Tasks({ of }: { of: Instance }) {
  const { client } = useSession();
  const [shown, setShown] = useState<string>();
  const action = useAction();
  const currency = of.billing_info.currency;
  const loaded = useLoad(() => client.instanceTasks(of.instance_id, { limit: 100 }), [client, of.instance_id, of.resource_usage.task_count, of.billing_info.task_executions]);
  const cancel = (task: Task) => action.run(async () => { await client.cancelTask(task.task_id); loaded.reload(); });
  return html`<div><${Problem} error=${action.error} /><${Showing} of=${loaded}>${({ tasks }: { tasks: readonly Task[] }) => tasks.length === 0
    ? html`<${Empty} title="No task was executed yet."><p>Use the form above to send one.</p><//>`
    : html`<${Table} caption="Tasks" rows=${tasks} name=${(task: Task) => task.task_id} columns=${[
      { head: "When", cell: (task: Task) => when(task.created_at) },
      { head: "Endpoint", cell: (task: Task) => html`<code>${task.endpoint}</code>` },
      { head: "Status", cell: (task: Task) => html`<${Badge} tone=${toneOf(task.status)} text=${task.status.replaceAll("_", " ")} />` },
      { head: "Took", figures: true, cell: (task: Task) => (typeof task.execution_time === "number" ? `${task.execution_time} s` : "") },
      { head: "Cost", figures: true, cell: (task: Task) => (task.cost === null || task.cost === undefined ? "" : money(task.cost, currency)) },
      { head: "Result", cell: (task: Task) => (task.status === "running" || task.status === "pending"
        ? html`<button type="button" disabled=${action.busy} onClick=${() => cancel(task)}>Cancel</button>`
        : html`<button type="button" aria-label=${`Show result of task ${task.task_id}`} onClick=${() => setShown(task.task_id)}>Show</button>`) },
    ]} />`}<//>
    ${shown !== undefined && html`<${ResultDialog} id=${shown} close=${() => setShown(undefined)} />`}
  </div>`;
}
