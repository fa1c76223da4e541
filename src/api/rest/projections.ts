import { z } from "zod";
import { versionOf } from "#projections/projection.ts";
import type { ProjectionStatus } from "../services.ts";
import type { RestContext } from "./context.ts";
import { paging } from "./inputs.ts";
import { askedOut, droppedOut, parkedOut, projectionsOut, replayOut } from "./operation-outputs.ts";
import { Problem } from "./problem-details.ts";
import { type Route, route } from "./route.ts";

const location = "/admin/projections";

/** Read models: where they stand, building them anew, going back, and what they had to pass over. */
export function projectionRoutes({ services: { readModels, tail } }: RestContext): Route[] {
  async function known(name: string): Promise<ProjectionStatus> {
    const found = (await readModels.status()).find((projection) => projection.name === name);
    if (found === undefined) throw new Problem("not-found", "There is no such projection.");
    return found;
  }
  const able = <F>(work: F | undefined): F => {
    if (work === undefined) throw new Problem("unavailable", "This server cannot do that.");
    return work;
  };
  const asked = (taken: unknown, name: string, message: string) => ({
    status: 202, headers: { location }, body: { name, message: taken === false ? "Something was asked of this projection already; it is done first." : message },
  });
  return [
    route({
      method: "get", path: "/admin/projections", tag: "operator", summary: "Read models, where they stand and how far a rebuild is", roles: ["operator"], responses: { 200: projectionsOut },
      async handler() {
        return { body: { projections: await readModels.status(), head: tail.head, store_id: tail.storeId, next_cursor: null } };
      },
    }),
    route({
      method: "get", path: "/admin/projections/parked", tag: "operator", summary: "Events that read models had to pass over, with the reasons", roles: ["operator"],
      query: z.strictObject({ limit: paging.limit }), responses: { 200: parkedOut },
      handler: async ({ query }) => ({ body: { parked: await readModels.parked?.(query.limit) ?? [], next_cursor: null } }),
    }),
    route({
      method: "post", path: "/admin/projections/replay", tag: "operator", summary: "Fold parked events once more, by building the read models anew that they concern",
      roles: ["operator"], body: z.strictObject({}), responses: { 202: replayOut },
      handler: async () => ({ status: 202, headers: { location }, body: { projections: await able(readModels.replay)() } }),
    }),
    route({
      method: "post", path: "/admin/projections/{name}/rebuild", tag: "operator", summary: "Build a read model anew beside the live one",
      roles: ["operator"], params: { name: "text" }, body: z.strictObject({}), responses: { 202: askedOut },
      async handler({ params }) {
        const { name } = await known(params["name"] ?? "");
        return asked(await able(readModels.rebuild)(name), name, "The projection is being built anew; readers change over when it has caught up.");
      },
    }),
    route({
      method: "post", path: "/admin/projections/{name}/switch", tag: "operator", summary: "Make live what was live before",
      roles: ["operator"], params: { name: "text" }, body: z.strictObject({}), responses: { 202: askedOut },
      async handler({ params }) {
        const { name, version, previous = null } = await known(params["name"] ?? "");
        if (previous === null) throw new Problem("not-found", "Nothing is kept of what was live before.");
        const kept = versionOf(previous);
        return asked(await able(readModels.switchBack)(name), name, kept === version
          ? "Readers change over when what was live before has caught up."
          : `What was live before is of version ${kept}: readers change over when a worker of the release that has it runs and has caught up.`);
      },
    }),
    route({
      method: "delete", path: "/admin/projections/{name}/previous", tag: "operator", summary: "Remove what was live before", roles: ["operator"],
      params: { name: "text" }, responses: { 200: droppedOut },
      async handler({ params }) {
        const { name } = await known(params["name"] ?? "");
        const dropped = await readModels.dropPrevious?.(name) ?? null;
        if (dropped === null) throw new Problem("not-found", "Nothing is kept of what was live before, or it is in use.");
        return { body: { name, dropped } };
      },
    }),
  ];
}
