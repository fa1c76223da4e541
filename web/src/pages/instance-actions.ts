import { useState } from "preact/hooks";
import type { Instance } from "#client/schema.ts";
import { html } from "../html.ts";
import { useAction } from "../load.ts";
import { Confirm, Dialog } from "../parts/dialog.ts";
import { Problem } from "../parts/problem.ts";
import { useSession } from "../session.ts";

/** Pause, resume and terminate, as the status allows. */
export function InstanceActions({ of, changed }: { of: Instance; changed: (instance: Instance) => void }) {
  const { client } = useSession();
  const [asking, setAsking] = useState(false);
  const action = useAction();
  const { instance_id: id, status } = of;
  const run = (act: () => Promise<Instance>) => action.run(async () => {
    const instance = await act();
    changed(instance);
    setAsking(false);
  });
  const terminable = !["stopping", "stopped", "rejected"].includes(status);
  return html`<div class="actions">
    ${(status === "running" || status === "pausing") && html`<button type="button" disabled=${action.busy || status !== "running"} onClick=${() => run(() => client.pauseInstance(id))}>Pause</button>`}
    ${(status === "paused" || status === "resuming") && html`<button type="button" class="primary" disabled=${action.busy || status !== "paused"} onClick=${() => run(() => client.resumeInstance(id))}>Resume</button>`}
    ${terminable && html`<button type="button" class="danger" disabled=${action.busy} onClick=${() => setAsking(true)}>Terminate</button>`}
    ${asking && html`<${Confirm} title="Terminate this instance?" verb="Terminate for good" busy=${action.busy} close=${() => setAsking(false)} yes=${() => run(() => client.terminateInstance(id))}>
      <p>${of.agent_name} ends for good: its container and what it kept inside are removed. Its bill and its history stay.</p>
    <//>`}
    ${action.error !== undefined && html`<${Dialog} title="That did not work" close=${action.clear}><${Problem} error=${action.error} /><div class="actions"><button type="button" onClick=${action.clear}>Close</button></div><//>`}
  </div>`;
}
