import { once } from "node:events";
import { z } from "zod";
import type { RestContext } from "./context.ts";
import { backupOut } from "./operation-outputs.ts";
import { Problem } from "./problem-details.ts";
import { type Route, route } from "./route.ts";

/** Taking an installation elsewhere, or keeping a copy of it. */
export function movingRoutes({ services: { moving, log } }: RestContext): Route[] {
  return [
    route({
      method: "get", path: "/admin/export", tag: "operator", roles: ["operator"], produces: ["application/x-ndjson"], responses: { 200: z.string() },
      summary: "Everything that the installation is, one JSON a line: its events, its secrets sealed, a count and a hash",
      async handler({ response }) {
        if (moving === undefined) throw new Problem("unavailable", "This server exports nothing.");
        const leaving = new AbortController();
        response.on("close", () => leaving.abort());
        response.writeHead(200, { "content-type": "application/x-ndjson; charset=utf-8", "cache-control": "no-store", "content-disposition": "attachment; filename=agenthub-export.jsonl" });
        try {
          for await (const line of moving.exportLines()) {
            if (leaving.signal.aborted) break;
            if (!response.write(`${line}\n`)) await once(response, "drain", { signal: leaving.signal });
          }
          response.end();
        } catch (error) {
          if (!leaving.signal.aborted) log.error({ err: error }, "an export broke off");
          response.destroy(); // its reader must not take a part for the whole
        }
        return null;
      },
    }),
    route({
      method: "post", path: "/admin/backup", tag: "operator", roles: ["operator"], body: z.strictObject({}), responses: { 201: backupOut },
      summary: "Copy the embedded stores into a new folder beside the data, while they are in use",
      async handler() {
        if (moving?.backup === undefined) throw new Problem("unavailable", "Only embedded stores are copied here: EventStoreDB and MongoDB have their own ways, and GET /admin/export works for all.");
        return { status: 201, body: await moving.backup() };
      },
    }),
  ];
}
