import { useEffect, useState } from "preact/hooks";
import type { Agent, Instance, Task } from "#client/schema.ts";
import { html } from "../html.ts";
import { useAction } from "../load.ts";
import { money } from "../money.ts";
import { Choice, Field, Form } from "../parts/field.ts";
import { Section } from "../parts/page.ts";
import { Problem } from "../parts/problem.ts";
import { useSession } from "../session.ts";

/** A value as readable JSON; amounts keep their text. */
export const pretty = (value: unknown): string => JSON.stringify(value, null, 2) ?? "nothing";

function parametersOf(text: string): unknown {
  if (text.trim() === "") return {};
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`The parameters are not JSON: ${(error as Error).message}`, { cause: error });
  }
}

function Result({ of, currency }: { of: Task; currency: string }) {
  return html`<div class="result">
    <p role="status">The task ${of.status}${typeof of.execution_time === "number" && ` after ${of.execution_time} s`}${of.cost !== undefined && of.cost !== null && ` and cost ${money(of.cost, currency)}`}.</p>
    ${of.result !== undefined && html`<pre tabindex="0" aria-label="Result">${pretty(of.result)}</pre>`}
  </div>`;
}

/** Sends a task to an instance and shows what came of it. */
export function Execute({ of, changed }: { of: Instance; changed: (instance: Instance) => void }) {
  const { client } = useSession();
  const [agent, setAgent] = useState<Agent>();
  const [done, setDone] = useState<Task>();
  const action = useAction();
  useEffect(() => { client.getAgent(of.agent_id).then(setAgent, () => undefined); }, [of.agent_id]);
  const endpoints = agent?.endpoints ?? [];
  const send = ({ endpoint = "", parameters = "", timeout = "" }: Readonly<Record<string, string>>) => action.run(async () => {
    setDone(undefined);
    const seconds = timeout.trim() === "" ? undefined : Number(timeout);
    setDone(await client.executeTask(of.instance_id, { endpoint: endpoint.trim(), parameters: parametersOf(parameters), ...(seconds === undefined ? {} : { timeout: seconds }) }));
    changed(of);
  });
  const ready = of.status === "running";
  return html`<${Section} title="Execute a task">
    <${Form} label="Execute a task" send=${send}>
      <div class="row">
        ${endpoints.length > 0 ? html`<${Choice} label="Endpoint" name="endpoint" value=${endpoints[0]?.path ?? ""} options=${endpoints.map(({ path, description }) => [path, description === undefined ? path : `${path} (${description})`])} />`
          : html`<${Field} key=${agent?.agent_id} label="Endpoint" name="endpoint" value="/" required />`}
        <${Field} label="Timeout in seconds" name="timeout" inputmode="numeric" placeholder="as the agent says" />
      </div>
      <${Field} label="Parameters" name="parameters" rows=${4} value="{}" hint="JSON, as the agent takes it" />
      <div class="actions start"><button class="primary" disabled=${!ready || action.busy}>${action.busy ? "Executing" : "Execute"}</button>${!ready && html`<span class="quiet">Tasks can be executed while the instance is running.</span>`}</div>
    <//>
    <${Problem} error=${action.error} />
    ${done !== undefined && html`<${Result} of=${done} currency=${of.billing_info.currency} />`}
  <//>`;
}
