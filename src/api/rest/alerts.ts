import { z } from "zod";
import { alertCodes, storedAlerts } from "#reactions/alerts.ts";
import type { RestContext } from "./context.ts";
import { type Route, route } from "./route.ts";

const alertsOut = z.strictObject({
  alerts: z.array(z.strictObject({
    code: z.enum(alertCodes), severity: z.enum(["error", "warning"]), subject: z.string(), words: z.string(), since: z.string(),
  }).meta({ id: "Alert", description: "Something that is wrong since an instant." })),
  next_cursor: z.null(),
});

/** What somebody has to know of. */
export const alertRoutes = ({ services: { system } }: RestContext): Route[] => [
  route({
    method: "get", path: "/admin/alerts", tag: "operator", summary: "What is wrong now, errors first", roles: ["operator"], responses: { 200: alertsOut },
    handler: async () => ({ body: { alerts: await storedAlerts(system), next_cursor: null } }),
  }),
];
