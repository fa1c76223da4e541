import { z } from "zod";
import { parseJson } from "../body.ts";
import { AgentFailure } from "../failure.ts";

// Agents write null for what is absent, and add fields of their own.
const part = z.looseObject({ content_type: z.string().nullish(), content: z.string().nullish(), content_encoding: z.string().nullish(), content_url: z.string().nullish() });
const run = z.looseObject({
  run_id: z.string().max(200), status: z.string(), output: z.array(z.looseObject({ parts: z.array(part).nullish() })).nullish(),
  error: z.unknown().optional(),
});
const event = z.looseObject({ type: z.string(), run: run.nullish(), part: part.nullish(), error: z.unknown().optional() });

/** One event of a run's stream. */
export type RunEvent = z.output<typeof event>;

/** Reads an event; throws agent-protocol-error. */
export function parseRunEvent(text: string): RunEvent {
  const parsed = event.safeParse(parseJson(text));
  if (!parsed.success) throw new AgentFailure("agent-protocol-error", "the agent's run has an event of an unknown shape");
  return parsed.data;
}

/** A part's value: JSON is parsed, text stays; what is encoded or elsewhere is shown as it came. */
export function valueOfPart(item: z.output<typeof part>): unknown {
  const { content, content_type: type, content_encoding: encoding } = item;
  if (content === undefined || content === null || (encoding && encoding !== "plain")) return item;
  return type && /^application\/(?:[a-z0-9.+-]+\+)?json\b/i.test(type) ? parseJson(content) : content;
}

/** A run's result: its only part's value, or the list of them. */
export function resultOfRun({ output }: z.output<typeof run>): unknown {
  const values = (output ?? []).flatMap(({ parts }) => (parts ?? []).map(valueOfPart));
  return values.length > 1 ? values : (values[0] ?? null);
}

/** The body that starts a run with a task's parameters. */
export const runBody = (agentName: string, parameters: unknown): Record<string, unknown> => ({
  agent_name: agentName, mode: "stream",
  input: [{ role: "user", parts: [{ content_type: "application/json", content: JSON.stringify(parameters ?? {}) }] }],
});

const manifests = z.looseObject({ agents: z.array(z.looseObject({ name: z.string().regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i) })).min(1) });

/** The names in an agent list; null when it is none. */
export function agentNames(list: unknown): string[] | null {
  const parsed = manifests.safeParse(list);
  return parsed.success ? parsed.data.agents.map(({ name }) => name) : null;
}

/** Which of a server's agents an endpoint means: `/summarize` is `summarize`; a sole agent takes everything. */
export function agentFor(endpoint: string, names: readonly string[]): string {
  const asked = endpoint.replace(/^\/+|[/?].*$/g, "");
  const [first = ""] = names;
  if (names.includes(asked)) return asked;
  if (names.length === 1) return first;
  throw new AgentFailure("agent-rejected-input", "the endpoint names none of the server's agents");
}
