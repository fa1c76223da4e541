import { z } from "zod";
import { endpointPath } from "#domain/agent/manifest.ts";
import { token } from "#projections/search.ts";
import { type ShownTask, type TaskDocument, tasks, taskView } from "#projections/tasks.ts";
import type { TaskView } from "#reactions/services.ts";
import { mayRead, type Principal } from "../auth/principal.ts";
import type { RestContext } from "./context.ts";
import { paging } from "./inputs.ts";
import { ownInstance, readableInstance } from "./instance-views.ts";
import { listOf, taskOut } from "./outputs.ts";
import { readPage } from "./page.ts";
import { absent, type Problem, problemFromCode } from "./problem-details.ts";
import { type Call, type Route, route } from "./route.ts";

const longestWait = 120_000;

const executeBody = z.strictObject({
  endpoint: endpointPath, parameters: z.unknown().optional().meta({ description: "What the agent gets, as JSON. Numbers are doubles: give longer ones as strings." }),
  timeout: z.number().int().min(1).max(3600).optional().meta({ description: "Seconds." }),
});
const statusFilter = z.enum(["running", "completed", "failed", "timed_out", "cancelled", "lost"]);

function taskProblem(view: TaskView, cursor: string): Problem {
  const { code, detail, upstream_status, retry_after, upstream_body } = view.failure ?? { code: view.status === "cancelled" ? "task-cancelled" : "task-lost", detail: "The task gave no result." };
  return problemFromCode(code, detail, "agent-failed", {
    // The caller did nothing wrong when a name that was fine at registration leads inside now.
    ...(code === "endpoint-not-allowed" ? { status: 502 } : {}),
    headers: { "agenthub-cursor": cursor, ...(retry_after === undefined ? {} : { "retry-after": retry_after }) },
    data: { task_id: view.task_id, instance_id: view.instance_id, task_status: view.status, ...(upstream_status === undefined ? {} : { upstream_status }), ...(upstream_body === undefined ? {} : { upstream_body }) },
  });
}

/** What its own end tells of a task: then nobody has to wait for the read model. */
function shown(known: Pick<ShownTask, "task_id" | "instance_id" | "agent_id" | "endpoint" | "created_at">, view: TaskView): ShownTask | null {
  const { status, execution_ms, completed_at, result_bytes } = view;
  return completed_at === undefined || result_bytes === undefined ? null : { ...known, status, execution_ms, completed_at, result_bytes, failure: null };
}

/** Tasks on instances. */
export function taskRoutes(context: RestContext): Route[] {
  const { services } = context;
  const { reader } = services.readModels;

  async function view(document: TaskDocument): Promise<Record<string, unknown>> {
    const { state } = await services.instances.state(document.instance_id);
    const shownTask = taskView(document, state.request?.price ?? null);
    if (document.status === "failed" && shownTask.error !== undefined) {
      const upstream_body = await services.tasks.upstreamBody(document.task_id);
      return { ...shownTask, error: { ...shownTask.error, ...(upstream_body === undefined ? {} : { upstream_body }) } };
    }
    const result = document.status === "completed" ? await services.tasks.result(document.task_id) : undefined;
    return { ...shownTask, ...(result === undefined ? {} : { result }) };
  }

  async function readable(id: string, principal: Principal): Promise<TaskDocument> {
    const document = await reader.get(tasks, id);
    if (document === null || !mayRead(principal, document.account_id)) throw absent.task();
    return document;
  }

  /** How long a caller waits: as it prefers, else as long as its task may take. */
  function waitFor({ body, prefer }: Pick<Call<unknown, z.output<typeof executeBody>>, "body" | "prefer">): number {
    return prefer.given ? prefer.wait_ms : Math.min(longestWait, Math.max(prefer.wait_ms, ((body.timeout ?? 0) + 5) * 1000));
  }

  async function within<T>(promise: Promise<T>, ms: number): Promise<T | null> {
    if (ms === 0) return null;
    const { promise: late, resolve } = Promise.withResolvers<null>();
    const cancel = services.clock.after(ms, () => resolve(null));
    try {
      return await Promise.race([promise, late]);
    } finally {
      cancel();
    }
  }

  return [
    route({
      method: "post", path: "/marketplace/instances/{id}/execute", tag: "tasks", summary: "Execute a task on an instance", roles: ["customer"],
      params: { id: "instance" }, body: executeBody, responses: { 200: taskOut, 202: taskOut },
      async handler({ params, body, principal, command, prefer }) {
        const id = params["id"] ?? "";
        const { request } = await ownInstance(context, id, principal);
        const started = await services.tasks.start(id, { endpoint: body.endpoint, parameters: body.parameters ?? {}, timeout_s: body.timeout },
          command({ account: request.customer_id, agent: request.agent_id, instance: id }));
        const { task_id, created_at } = started;
        const ended = await within(started.finished, waitFor({ body, prefer }));
        const known = { task_id, instance_id: id, agent_id: request.agent_id, endpoint: body.endpoint, created_at };
        if (ended === null || ended.view.status === "running") return { status: 202, headers: { location: `/tasks/${task_id}` }, position: started.position, body: { ...known, status: "pending" } };
        if (ended.view.status !== "completed") throw taskProblem(ended.view, context.writes.wrote(principal.key_id, ended.position));
        const document = shown(known, ended.view) ?? (await services.readModels.waitFor(ended.position, context.patience) ? await reader.get(tasks, task_id) : null);
        const { status, result, execution_ms } = ended.view;
        const body200 = document === null ? { ...known, status, execution_time: (execution_ms ?? 0) / 1000 } : taskView(document, request.price);
        return { position: ended.position, body: { ...body200, result: result ?? null } };
      },
    }),
    route({
      method: "get", path: "/marketplace/instances/{id}/tasks", tag: "tasks", summary: "Tasks of an instance, the newest first", roles: ["customer"],
      params: { id: "instance" }, query: z.strictObject({ ...paging, status: statusFilter.optional() }), responses: { 200: listOf("tasks", taskOut) },
      async handler({ params, query, principal }) {
        const instance = await readableInstance(context, params["id"] ?? "", principal);
        const tokens = query.status === undefined ? [] : [token("status", query.status)];
        const page = await readPage(context, tasks, {
          limit: query.limit, cursor: query.cursor,
          query: { index: "by_instance", equals: { instance_id: instance.instance_id }, descending: true, tokens },
        });
        return { body: { tasks: page.documents.map((document) => taskView(document, instance.request.price)), next_cursor: page.next_cursor } };
      },
    }),
    route({
      method: "get", path: "/tasks/{id}", tag: "tasks", summary: "Show a task; its result is kept for 24 hours", roles: ["customer"],
      params: { id: "task" }, responses: { 200: taskOut },
      async handler({ params, principal }) {
        return { body: await view(await readable(params["id"] ?? "", principal)) };
      },
    }),
    route({
      method: "post", path: "/tasks/{id}/cancel", tag: "tasks", summary: "Cancel a task; it costs nothing", roles: ["customer"],
      params: { id: "task" }, body: z.strictObject({}), responses: { 200: taskOut },
      async handler({ params, principal, command }) {
        await context.writes.readable(principal.key_id, undefined);
        const task = await readable(params["id"] ?? "", principal);
        const cancelled = await services.tasks.cancel(task.task_id, task.instance_id, command({
          account: task.account_id, instance: task.instance_id, ...(task.agent_id === null ? {} : { agent: task.agent_id }),
        }));
        // This process's tail may not have come to it yet.
        const position = cancelled === "" ? services.tail.head : cancelled;
        await services.readModels.waitFor(position, context.patience);
        return { position, body: await view(await readable(task.task_id, principal)) };
      },
    }),
  ];
}
