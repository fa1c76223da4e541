import type { ServerResponse } from "node:http";
import { z } from "zod";
import { accountId, agentId, instanceId, taskId } from "#domain/kernel/ids.ts";
import type { Principal } from "../auth/principal.ts";
import { type Asked, noneAsked, pathOf, queryOf } from "./address.ts";
import { authorize, nobody } from "./authorize.ts";
import { readBody } from "./body.ts";
import type { RestContext } from "./context.ts";
import { releaseHeaders, writeAnswer } from "./headers.ts";
import type { SentAnswer } from "./idempotency.ts";
import { absent, problemAnswer, problemOf } from "./problem-details.ts";
import { readPrefer } from "./prefer.ts";
import type { Answer, Call, ParamKind, Route } from "./route.ts";
import { validBody, validQuery } from "./validate.ts";

const shapes = { agent: agentId, instance: instanceId, task: taskId, account: accountId, key: z.string().regex(/^[\w-]{1,80}$/), text: z.string() } as const;
const noQuery = z.strictObject({});

function readParams(kinds: Readonly<Record<string, ParamKind>>, values: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(Object.entries(kinds).map(([name, kind]) => {
    const parsed = shapes[kind].safeParse(values[name]);
    if (!parsed.success) throw kind === "text" ? absent.agent() : absent[kind]();
    return [name, parsed.data];
  }));
}

/** The trace id of a request, which every log line of it carries. */
const traceOf = (request: Asked): string => request.id ?? "";

function header(request: Asked, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** Answers with a problem; what nobody foresaw goes to the log with its trace id. */
export function sendProblem(context: RestContext, request: Asked, response: ServerResponse, error: unknown): void {
  const trace = traceOf(request);
  if (problemOf(error) === null) context.services.log.error({ err: error, trace_id: trace }, "a request failed for a reason that nobody foresaw");
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const { status, headers, body } = problemAnswer(error, trace);
  const ends = status === 413 ? { connection: "close" } : {};
  writeAnswer(response, status, { ...headers, ...ends, "content-type": "application/problem+json; charset=utf-8" }, JSON.stringify(body));
}

function render(context: RestContext, call: Call<unknown, unknown>, answer: Answer): SentAnswer {
  const cursor = answer.position === undefined || answer.position === "" ? {} : { "agenthub-cursor": context.writes.wrote(call.principal.key_id, answer.position) };
  const replayed = call.keyed && answer.repeated === true ? { "idempotent-replayed": "true" } : {};
  return {
    status: answer.status ?? 200,
    headers: { "content-type": answer.type ?? "application/json; charset=utf-8", "cache-control": "no-store", ...cursor, ...replayed, ...answer.headers },
    body: typeof answer.body === "string" && answer.type !== undefined ? answer.body : JSON.stringify(answer.body) ?? "",
  };
}

const send = (response: ServerResponse, { status, headers, body }: SentAnswer): void => writeAnswer(response, status, headers, body);

/** Reads what was sent; everything that can be wrong with it is found here. */
async function read(route: Route, request: Asked, response: ServerResponse) {
  const params = route.params === undefined ? {} : readParams(route.params, request.params ?? {});
  const asked = queryOf(request.url);
  const query = route.query === undefined && asked === noneAsked ? asked : validQuery(route.query ?? noQuery, asked);
  if (route.body === undefined) return { params, query, body: undefined, raw: undefined };
  const parsed = await readBody(route, request, response);
  return { params, query, body: validBody(route.body, parsed === undefined ? {} : parsed), raw: parsed };
}

async function handle(context: RestContext, route: Route, request: Asked, response: ServerResponse, principal: Principal): Promise<void> {
  const { raw, ...input } = await read(route, request, response);
  const reads = route.method === "get";
  const key = reads ? undefined : header(request, "idempotency-key");
  if (reads && principal !== nobody) {
    // An operator must see how far the read models are while they are built.
    if (!route.path.startsWith("/admin/")) await context.writes.whole();
    await context.writes.readable(principal.key_id, header(request, "agenthub-min-cursor"));
  }
  const identity = context.idempotency.identify(key, principal.account_id, `${route.method} ${pathOf(request.url)}`, raw);
  if (identity.answered !== undefined) return send(response, { ...identity.answered, headers: { ...identity.answered.headers, "idempotent-replayed": "true" } });
  const call: Call<unknown, unknown> = {
    ...input, principal, request, response, keyed: key !== undefined, prefer: readPrefer(header(request, "prefer")),
    command: (about = {}) => ({
      account: about.account ?? principal.account_id, actor: principal.account_id, command_id: identity.command_id,
      request_hash: identity.request_hash, correlation_id: traceOf(request), agent: about.agent, instance: about.instance,
    }),
  };
  if (route.produces !== undefined) releaseHeaders(response);
  let sent: SentAnswer | undefined;
  try {
    const answer = await route.handler(call);
    if (answer !== null) sent = render(context, call, answer);
  } finally {
    identity.finish(sent);
  }
  if (sent !== undefined) send(response, sent);
}

/** The request handler of an endpoint: every check, then its own work, then its answer. */
export const dispatch = (context: RestContext, route: Route) => async (request: Asked, response: ServerResponse): Promise<void> => {
  try {
    await handle(context, route, request, response, await authorize(context, route, request, response));
  } catch (error) {
    sendProblem(context, request, response, error);
  }
};
