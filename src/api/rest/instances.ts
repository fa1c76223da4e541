import { z } from "zod";
import { env } from "#domain/agent/manifest.ts";
import { cpu, memory } from "#domain/agent/resources.ts";
import type { InstanceState } from "#domain/instance/instance.ts";
import { agentId } from "#domain/kernel/ids.ts";
import type { Written } from "#reactions/services.ts";
import { isOperator } from "../auth/principal.ts";
import type { RestContext } from "./context.ts";
import { instanceAfter, ownInstance } from "./instance-views.ts";
import { label } from "./inputs.ts";
import { instanceOut } from "./outputs.ts";
import { absent, Problem, problemFromCode } from "./problem-details.ts";
import { type Answer, type Call, type Route, route } from "./route.ts";

// Checked as the domain checks it, kept as it was written: the instance shows what was asked for.
const asWritten = (schema: z.ZodType) => z.string().superRefine((text, context) => {
  const message = schema.safeParse(text).error?.issues[0]?.message;
  if (message !== undefined) context.addIssue({ code: "custom", message });
});

const config = z.strictObject({
  memory_limit: asWritten(memory).optional().meta({ examples: ["512M"], description: "At most what the agent's manifest allows; an operator may ask for more." }),
  cpu_limit: z.union([z.string(), z.number()]).transform(String).pipe(asWritten(cpu)).optional().meta({ examples: ["0.5"], description: "At most what the agent's manifest allows; an operator may ask for more." }),
  environment: env.optional(), labels: z.record(label(60), z.string().max(200)).refine((all) => Object.keys(all).length <= 20, "at most 20 labels").optional(),
});
const createBody = z.strictObject({ agent_id: z.string(), instance_config: config.default({}) });
const emptyBody = z.strictObject({});

/** Why an instance did not come to run, as a problem. */
function failed(id: string, state: InstanceState, cursor: string, fallback: "instance-start-failed" | "capacity-exhausted"): Problem {
  const { reason, detail } = state.failure ?? { reason: fallback, detail: undefined };
  return problemFromCode(reason, detail ?? "The instance did not start.", fallback,
    { headers: { "agenthub-cursor": cursor }, data: { instance_id: id, instance_status: state.status, reason } });
}

const verbs = {
  pause: { passing: ["pausing"], done: ["paused"], failure: "pause-failed", message: "Instance paused." },
  // What lost its container while it was paused is started anew.
  resume: { passing: ["resuming", "restarting"], done: ["running"], failure: "resume-failed", message: "Instance resumed." },
} as const;

/** Making, pausing, resuming and ending instances. */
export function instanceRoutes(context: RestContext): Route[] {
  const { instances } = context.services;

  /** Waits for the outcome of an intent as long as the caller prefers. */
  async function outcome(id: string, written: Written<InstanceState>, waitMs: number): Promise<Written<InstanceState>> {
    return waitMs === 0 ? written : { ...await instances.settled(id, waitMs), changed: written.changed };
  }

  async function answer(id: string, written: Written<InstanceState>, status: number, message: string): Promise<Answer> {
    const headers = status === 201 || status === 202 ? { location: `/marketplace/instances/${id}` } : {};
    return { status, headers, position: written.position, body: await instanceAfter(context, id, written, message) };
  }

  function turn(verb: keyof typeof verbs): Route {
    const { passing, done, failure, message } = verbs[verb];
    return route({
      method: "post", path: `/marketplace/instances/{id}/${verb}`, tag: "instances", roles: ["customer"], params: { id: "instance" }, body: emptyBody,
      summary: verb === "pause" ? "Pause an instance; a paused instance costs nothing" : "Resume a paused instance",
      responses: { 200: instanceOut, 202: instanceOut },
      async handler({ params, principal, command, prefer }: Call<Record<string, never>, unknown>) {
        const id = params["id"] ?? "";
        const { request } = await ownInstance(context, id, principal);
        const asked = await instances[verb](id, command({ account: request.customer_id, agent: request.agent_id, instance: id }));
        const written = await outcome(id, asked, prefer.wait_ms);
        const { status } = written.state;
        if ((passing as readonly string[]).includes(status)) return answer(id, written, 202, `The instance is ${status}.`);
        const isDone = (done as readonly string[]).includes(status);
        if (asked.changed && !isDone && ["running", "paused", "restarting", "failed"].includes(status))
          throw new Problem(failure, `The instance is ${status}.`,
            { headers: { "agenthub-cursor": context.writes.wrote(principal.key_id, written.position) }, data: { instance_id: id, instance_status: status } });
        return answer(id, written, 200, isDone ? message : `The instance is ${status}.`);
      },
    });
  }

  return [
    route({
      method: "post", path: "/marketplace/instances", tag: "instances", summary: "Create an instance of an agent", roles: ["customer"],
      body: createBody, responses: { 201: instanceOut, 202: instanceOut },
      async handler({ body, principal, command, prefer }) {
        if (!agentId.safeParse(body.agent_id).success) throw absent.agent();
        const asked = await instances.create({
          agent_id: body.agent_id, customer: { account_id: principal.account_id, currency: principal.currency }, may_raise: isOperator(principal), instance_config: body.instance_config,
        }, command({ agent: body.agent_id }));
        const id = asked.state.request?.instance_id ?? "";
        const written = await outcome(id, asked, prefer.wait_ms);
        const { status } = written.state;
        const cursor = context.writes.wrote(principal.key_id, written.position);
        if (status === "rejected") throw failed(id, written.state, cursor, "capacity-exhausted");
        if (status === "failed" && written.state.started_at === null) throw failed(id, written.state, cursor, "instance-start-failed");
        const ready = status !== "starting";
        return { ...await answer(id, written, ready ? 201 : 202, ready ? "Instance created." : "The instance is starting."), repeated: !asked.changed };
      },
    }),
    turn("pause"),
    turn("resume"),
    route({
      method: "delete", path: "/marketplace/instances/{id}", tag: "instances", summary: "Terminate an instance for good", roles: ["customer"],
      params: { id: "instance" }, responses: { 200: instanceOut, 202: instanceOut },
      async handler({ params, principal, command, prefer }) {
        const id = params["id"] ?? "";
        const { request } = await ownInstance(context, id, principal);
        const asked = await instances.terminate(id, "requested", command({ account: request.customer_id, agent: request.agent_id, instance: id }));
        const written = await outcome(id, asked, prefer.wait_ms);
        return written.state.status === "stopping"
          ? answer(id, written, 202, "The instance is stopping.") : answer(id, written, 200, "Instance terminated.");
      },
    }),
  ];
}
