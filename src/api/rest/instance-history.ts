import { z } from "zod";
import { readData } from "#domain/catalogue.ts";
import type { Fact } from "#projections/projection.ts";
import { eventView } from "#projections/words.ts";
import type { LogLine } from "#reactions/ports.ts";
import type { RestContext } from "./context.ts";
import { anyInstant, flag, paging } from "./inputs.ts";
import { ownInstance, readableInstance } from "./instance-views.ts";
import { historyEventOut, logsOut } from "./operation-outputs.ts";
import { listOf } from "./outputs.ts";
import { type Route, route } from "./route.ts";
import { streamOut } from "./stream-out.ts";

// Where an agent answers and how it is built is its publisher's business.
const hidden = new Set(["release", "secret_ref", "address", "container_id"]);

function shown(event: Fact): object {
  const view = eventView(event);
  return { ...view, data: Object.fromEntries(Object.entries(view.data).filter(([name]) => !hidden.has(name))) };
}

const logsQuery = z.strictObject({
  tail: z.string().regex(/^\d{1,4}$/).default("200").transform(Number).refine((lines) => lines >= 1 && lines <= 5000, "must be a number from 1 to 5000")
    .meta({ type: "integer", minimum: 1, maximum: 5000, default: 200 }),
  since: anyInstant.optional(),
  follow: flag.optional().meta({ description: "Stays open and sends lines as they come, one JSON a line or as server-sent events." }),
});

async function all(lines: AsyncIterable<LogLine>): Promise<LogLine[]> {
  const kept: LogLine[] = [];
  for await (const line of lines) kept.push(line);
  return kept;
}

/** What happened to an instance, and what it printed. */
export function instanceHistoryRoutes(context: RestContext): Route[] {
  const { services } = context;
  return [
    route({
      method: "get", path: "/marketplace/instances/{id}/events", tag: "instances", summary: "What happened to an instance, the oldest first, in words",
      roles: ["customer"], params: { id: "instance" }, query: z.strictObject(paging), responses: { 200: listOf("events", historyEventOut) },
      async handler({ params, query, principal }) {
        const id = params["id"] ?? "";
        await ownInstance(context, id, principal);
        const list = `events ${id}`;
        const from = query.cursor === undefined ? 0 : Number(context.pages.read(list, query.cursor).value);
        const events = await services.eventStore.read(id, { from, max: query.limit + 1 });
        const facts = events.slice(0, query.limit).map((event) => ({ ...event, data: readData(event) ?? event.data }) as Fact);
        const next = events[query.limit];
        return { body: { events: facts.map(shown), next_cursor: next === undefined ? null : context.pages.write(list, { value: next.revision, id }) } };
      },
    }),
    route({
      method: "get", path: "/marketplace/instances/{id}/logs", tag: "instances", summary: "What an instance printed", roles: ["customer"],
      params: { id: "instance" }, query: logsQuery, produces: ["application/x-ndjson", "text/event-stream"], responses: { 200: logsOut },
      async handler({ params, query, principal, request, response }) {
        const { instance_id } = await readableInstance(context, params["id"] ?? "", principal);
        const options = { tail: query.tail, since: query.since === undefined ? undefined : Date.parse(query.since) };
        if (query.follow === true) {
          await streamOut(request, response, context.closing.signal, (signal) => services.instances.logs(instance_id, { ...options, follow: true, signal }));
          return null;
        }
        const leaving = new AbortController();
        response.on("close", () => leaving.abort());
        const lines = await all(services.instances.logs(instance_id, { ...options, follow: false, signal: leaving.signal }));
        return { body: { instance_id, logs: lines } };
      },
    }),
  ];
}
