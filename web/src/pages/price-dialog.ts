import { useState } from "preact/hooks";
import type { Agent, Pricing } from "#client/schema.ts";
import { html } from "../html.ts";
import { useAction } from "../load.ts";
import { textOf } from "../money.ts";
import { Dialog } from "../parts/dialog.ts";
import { Choice, Field, Form } from "../parts/field.ts";
import { Problem } from "../parts/problem.ts";
import { useSession } from "../session.ts";

const kinds = [["per_request", "Per request"], ["per_minute", "Per minute"], ["per_hour", "Per hour"], ["hybrid", "Base and usage"]] as const;

/** The amounts that belong to a kind of price. */
const amountsOf: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  per_request: [["price_per_request", "Price a request"]], per_minute: [["price_per_minute", "Price a minute"]], per_hour: [["price_per_hour", "Price an hour"]],
  hybrid: [["base_price", "Base price"], ["price_per_hour", "Price an hour"], ["price_per_request", "Price a request"]],
};

/** The amounts to ask for: time is priced by the hour, unless the plan in force prices it by the minute. */
function asked(type: string, plan: Readonly<Record<string, unknown>>): readonly (readonly [string, string])[] {
  const amounts = amountsOf[type] ?? [];
  const byMinute = type === "hybrid" && /[1-9]/.test(textOf(plan["price_per_minute"]));
  return byMinute ? amounts.map(([name, label]) => (name === "price_per_hour" ? ["price_per_minute", "Price a minute"] : [name, label])) : amounts;
}

/** Changes an agent's price, for instances to come. */
export function PriceDialog({ agent, close, done }: { agent: Agent; close: () => void; done: () => void }) {
  const { client } = useSession();
  const plan = agent.marketplace_info.pricing_info;
  const [type, setType] = useState(plan.type);
  const action = useAction();
  const before = plan as unknown as Readonly<Record<string, unknown>>;
  const send = (fields: Readonly<Record<string, string>>) => action.run(async () => {
    const amounts = Object.fromEntries(asked(type, before).map(([name]) => [name, (fields[name] ?? "").trim() === "" ? "0" : (fields[name] ?? "").trim()]));
    const period = type === "hybrid" ? { base_period: fields["base_period"] as Pricing["base_period"] } : {};
    await client.updateAgent(agent.agent_id, { pricing: { type, currency: plan.currency, increment_s: plan.increment_s, ...period, ...amounts } });
    done();
  });
  return html`<${Dialog} title=${`Price of ${agent.name}`} close=${close}>
    <p>Instances that run keep their price; the new one holds for those that start from now on.</p>
    <${Form} label="Change the price" send=${send}>
      <${Choice} label="Kind of price" name="type" value=${type} options=${kinds} change=${setType} />
      <div class="row" key=${type}>
        ${asked(type, before).map(([name, label]) => html`<${Field} key=${name} label=${`${label} in ${plan.currency}`} name=${name} required=${type !== "hybrid"} inputmode="decimal" value=${type === plan.type ? textOf(before[name]) : ""} />`)}
        ${type === "hybrid" && html`<${Choice} label="Base is due" name="base_period" value=${plan.base_period} options=${[["once", "Once"], ["month", "Every month"]]} />`}
      </div>
      <${Problem} error=${action.error} />
      <div class="actions"><button type="button" onClick=${close}>Cancel</button><button class="primary" disabled=${action.busy}>Change price</button></div>
    <//>
  <//>`;
}
