import type { Verb } from "../cli.ts";
import { agentDetails as words } from "../show-agent.ts";

/** `agenthub agent-details`: one agent of the marketplace in full. */
export const agentDetails: Verb = (cli) => {
  cli.verb("agent-details", "Show an agent: price, endpoints, free places, performance", "agenthub agent-details agent-12345")
    .argument("<agent>", "the agent's id")
    .action(cli.as("customer", async ({ client, out, wait }, id = "") => {
      const agent = await wait("Reading the agent", () => client.getMarketplaceAgent(id));
      out.show(agent, () => words(agent, out));
    }));
};
