import { defineCommand } from "#domain/kernel/aggregate.ts";
import { instanceRequested } from "#domain/instance/events.ts";
import { instance } from "#domain/instance/instance.ts";

/** Asks for an instance and pins what it will run and pay by. The engine's part follows by reconciliation. */
export const createInstance = defineCommand({
  name: "CreateInstance",
  input: instanceRequested.schema,
  aggregate: instance,
  stream: ({ instance_id }) => instance_id,
  decide: (request, state) => (state.status === "none" ? [instanceRequested(request)] : []),
});
