import { z } from "zod";
import { recordedOut } from "./billing-outputs.ts";
import { plainEvent } from "./cloud-events.ts";
import type { RestContext } from "./context.ts";
import { Problem, problemAnswer, problemOf } from "./problem-details.ts";
import { type Route, route } from "./route.ts";
import { UsageIntake, usageEvent } from "./usage-intake.ts";

const most = 1000;
const event = z.toJSONSchema(usageEvent, { io: "input", unrepresentable: "any" }) as Record<string, unknown>;
const body = z.unknown().meta({ oneOf: [event, { type: "array", items: event, maxItems: most }] });

/** Usage that AgentHub did not see itself. */
export function usageRoutes(context: RestContext): Route[] {
  return [
    route({
      method: "post", path: "/usage/events", tag: "usage", roles: ["publisher"], scopedKeys: true, bodyKind: "usage", maxBytes: 1024 * 1024,
      summary: "Report usage as CloudEvents: one, a batch, or one a line; the same source and id is counted once",
      body, responses: { 200: recordedOut },
      async handler({ body: sent, principal, command }) {
        const intake = new UsageIntake(context, principal, command);
        if (!Array.isArray(sent)) {
          const { position, ...result } = await intake.record(plainEvent(sent));
          return { position, body: { accepted: result.outcome === "accepted" ? 1 : 0, duplicates: result.outcome === "accepted" ? 0 : 1, refused: 0, results: [{ index: 0, ...result }] } };
        }
        const items = sent as unknown[];
        if (items.length > most)
          throw new Problem("validation-failed", `Send at most ${most} events at once.`, { errors: [{ field: "", message: `must hold at most ${most} events` }] });
        let position = "";
        const results = await Promise.all(items.map(async (item, index) => {
          try {
            const recorded = await intake.record(plainEvent(item));
            if (recorded.position > position) position = recorded.position;
            return { index, id: recorded.id, outcome: recorded.outcome };
          } catch (error) {
            // What is wrong with one item concerns it alone; a store that is away concerns them all.
            const problem = problemOf(error);
            if (problem === null || problem.code === "unavailable") throw error;
            const { trace_id: _whole, ...problemBody } = problemAnswer(problem, "").body;
            return { index, id: (item as { id?: unknown } | null)?.id ?? null, outcome: "refused" as const, problem: problemBody };
          }
        }));
        const count = (outcome: string) => results.filter((result) => result.outcome === outcome).length;
        return { position, body: { accepted: count("accepted"), duplicates: count("duplicate"), refused: count("refused"), results } };
      },
    }),
  ];
}
