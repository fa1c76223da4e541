import type { Command, Option } from "commander";
import { AgentHubClient } from "#client/client.ts";
import type { Cli } from "./cli.ts";
import { resolveTarget } from "./settings.ts";

// Whoever presses Tab waits for it.
const patience = 1000;
const mostIds = 100;

async function ids(cli: Cli, kind: string): Promise<string[]> {
  try {
    const { look, apiKey } = resolveTarget(cli.io, {}, "customer");
    const client = new AgentHubClient({ server: look, apiKey, retries: 0, signal: AbortSignal.any([cli.io.signal, AbortSignal.timeout(patience)]) });
    if (kind === "instance") return (await client.listInstances({ limit: mostIds })).instances.map((instance) => instance.instance_id);
    if (kind === "agent") return (await client.discoverAgents({ limit: mostIds })).agents.map((agent) => agent.agent_id);
    if (kind === "key") return (await client.listApiKeys()).api_keys.map((key) => key.key_id);
    return [];
  } catch {
    return []; // no server, no ids: completion never complains
  }
}

const flagsOf = (command: Command, program: Command): string[] =>
  [...command.options, ...program.options].filter((option) => !option.hidden).map((option) => option.long ?? "").concat("--help").filter(Boolean);

function commandOf(program: Command, words: readonly string[]): { command: Command; rest: string[] } {
  let command = program;
  let rest = [...words];
  for (;;) {
    const at = rest.findIndex((word) => !word.startsWith("-"));
    const next = command.commands.find((candidate) => candidate.name() === rest[at]);
    if (next === undefined) return { command, rest };
    command = next;
    rest = rest.slice(at + 1);
  }
}

// The flag whose value comes next, if the last word is one that takes a value.
const awaitingValue = (options: readonly Option[], last: string | undefined): Option | undefined =>
  options.find(({ long, short, required, optional }) => last !== undefined && (required || optional) && (last === long || last === short));

const isId = (word: string): boolean => /^(agent|instance|key|task|account)-/.test(word);

/** What may stand at the end of the line typed so far: commands, flags, a flag's choices or live ids. */
export async function candidates(cli: Cli, words: readonly string[]): Promise<string[]> {
  const { program } = cli;
  const typed = words.at(-1) ?? "";
  const { command, rest } = commandOf(program, words.slice(0, -1));
  const matching = (list: readonly string[]) => [...new Set(list)].filter((word) => word.startsWith(typed));
  const open = awaitingValue([...command.options, ...program.options], rest.at(-1));
  if (open !== undefined) return matching(open.argChoices ?? await ids(cli, open.attributeName()));
  if (typed.startsWith("-")) return matching(flagsOf(command, program));
  if (command.commands.length > 0) return matching(command.commands.map((other) => other.name()).filter((name) => !name.startsWith("__")));
  const [argument] = command.registeredArguments;
  if (argument === undefined || rest.some(isId)) return [];
  return matching(argument.argChoices ?? await ids(cli, argument.name()));
}
