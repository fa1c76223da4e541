import type { Agent } from "#client/schema.ts";
import type { InstanceConfig } from "#client/types.ts";
import { html } from "../html.ts";
import { useAction } from "../load.ts";
import { priceText } from "../money.ts";
import { Dialog } from "../parts/dialog.ts";
import { Field, Form } from "../parts/field.ts";
import { Problem } from "../parts/problem.ts";
import { go } from "../router.ts";
import { useSession } from "../session.ts";

/** Lines of NAME=value as a record; a line without `=` is told by its number. */
function pairs(text: string, what: string): Readonly<Record<string, string>> | undefined {
  const lines = text.split("\n").map((line) => line.trim()).filter((line) => line !== "");
  if (lines.length === 0) return undefined;
  return Object.fromEntries(lines.map((line, at) => {
    const cut = line.indexOf("=");
    if (cut < 1) throw new Error(`${what}, line ${at + 1}: write NAME=value.`);
    return [line.slice(0, cut).trim(), line.slice(cut + 1)];
  }));
}

function configOf({ memory = "", cpu = "", environment = "", labels = "" }: Readonly<Record<string, string>>): InstanceConfig {
  const [env, marks] = [pairs(environment, "Environment"), pairs(labels, "Labels")];
  return {
    ...(memory.trim() === "" ? {} : { memory_limit: memory.trim() }), ...(cpu.trim() === "" ? {} : { cpu_limit: cpu.trim() }),
    ...(env === undefined ? {} : { environment: env }), ...(marks === undefined ? {} : { labels: marks }),
  };
}

/** Starts an instance and goes to its page, where one sees it come up. */
export function StartDialog({ agent, close }: { agent: Agent; close: () => void }) {
  const { client } = useSession();
  const action = useAction();
  const settable = agent.configurable_env;
  const send = (fields: Readonly<Record<string, string>>) => action.run(async () => {
    const { instance_id } = await client.createInstance(agent.agent_id, configOf(fields), { wait: false });
    go("instances", instance_id);
  });
  return html`<${Dialog} title=${`Start ${agent.name}`} close=${close}>
    <p>It costs ${priceText(agent.marketplace_info.pricing_info)}. A paused instance costs nothing.</p>
    <${Form} label="Start an instance" send=${send}>
      ${agent.type === "docker" && html`<div class="row">
        <${Field} label="Memory limit" name="memory" placeholder="as the agent asks" hint="Such as 512M" />
        <${Field} label="CPU limit" name="cpu" inputmode="decimal" placeholder="as the agent asks" hint="Such as 0.5" />
      </div>`}
      ${settable.length > 0 && html`<${Field} label="Environment" name="environment" rows=${Math.min(4, settable.length + 1)} hint=${`One NAME=value a line. You may set: ${settable.join(", ")}`} />`}
      <${Field} label="Labels" name="labels" rows=${2} hint="One name=value a line, for your own order" />
      <${Problem} error=${action.error} />
      <div class="actions"><button type="button" onClick=${close}>Cancel</button><button class="primary" disabled=${action.busy}>${action.busy ? "Starting" : "Start"}</button></div>
    <//>
  <//>`;
}
