import { Option } from "commander";
import type { Manifest } from "#client/schema.ts";
import type { Verb } from "../cli.ts";
import { usageError } from "../exit.ts";
import { registrationWords } from "../show-agent.ts";

type Price = NonNullable<Manifest["pricing"]>;

interface Flags {
  readonly type: Price["type"]; readonly price?: string; readonly currency?: Price["currency"]; readonly base?: string; readonly basePeriod?: Price["base_period"];
  readonly perRequest?: string; readonly perMinute?: string; readonly perHour?: string;
}

/** `agenthub agent-price`: sets the price for instances created from now on. */
export const agentPrice: Verb = (cli) => {
  cli.verb("agent-price", "Set an agent's price for new instances; running ones keep theirs", [
    "agenthub agent-price agent-12345 --type per_request --price 0.01",
    "agenthub agent-price agent-12345 --type hybrid --base 5.00 --per-hour 0.10 --per-request 0.01",
  ])
    .argument("<agent>", "the agent's id")
    .addOption(new Option("--type <type>", "how it is charged").choices(["per_request", "per_minute", "per_hour", "hybrid"]).makeOptionMandatory())
    .option("--price <amount>", "the price of one request, minute or hour; hybrid: the base")
    .option("--currency <code>", "USD and others")
    .option("--base <amount>", "hybrid: the base")
    .addOption(new Option("--base-period <period>", "hybrid: how often the base is charged").choices(["once", "month"]))
    .option("--per-request <amount>", "hybrid: for each task that succeeds")
    .option("--per-minute <amount>", "hybrid: for each minute")
    .option("--per-hour <amount>", "hybrid: for each hour")
    .action(cli.as<Flags>("publisher", async ({ client, flags, out, wait }, agent = "") => {
      const own = { per_request: flags.perRequest, per_minute: flags.perMinute, per_hour: flags.perHour, hybrid: "" }[flags.type];
      if (own === undefined && flags.price === undefined) throw usageError(`--type ${flags.type} needs --price`);
      const pricing = {
        type: flags.type, price: flags.price, currency: flags.currency, base_price: flags.base, base_period: flags.basePeriod,
        price_per_request: flags.perRequest, price_per_minute: flags.perMinute, price_per_hour: flags.perHour,
      };
      const changed = await wait("Changing the price", () => client.updateAgent(agent, { pricing }));
      out.show(changed, () => registrationWords(changed, out));
    }));
};
