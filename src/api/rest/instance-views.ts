import type { InstanceState } from "#domain/instance/instance.ts";
import { lifecycleStage } from "#domain/instance/transitions.ts";
import { type InstanceDocument, instances } from "#projections/instances.ts";
import { instanceView } from "#projections/instance-view.ts";
import type { Written } from "#reactions/services.ts";
import { mayRead, type Principal } from "../auth/principal.ts";
import type { RestContext } from "./context.ts";
import { absent } from "./problem-details.ts";

/** Instances with their latest samples, as the API shows them. */
export async function instanceViews(context: RestContext, documents: readonly InstanceDocument[]): Promise<object[]> {
  const { metrics } = context.services;
  const samples = new Map((await metrics.latest(documents.map((document) => document.instance_id))).map((sample) => [sample.instance_id, sample]));
  const now = context.now();
  return documents.map((document) => instanceView(document, now, samples.get(document.instance_id) ?? null));
}

/** An instance's document, if it is there for the caller. */
export async function readableInstance(context: RestContext, id: string, principal: Principal): Promise<InstanceDocument> {
  const document = await context.services.readModels.reader.get(instances, id);
  if (document === null || !mayRead(principal, document.customer_id)) throw absent.instance();
  return document;
}

/** The folded state of an instance that is the caller's, which no read model can be behind of. */
export async function ownInstance(context: RestContext, id: string, principal: Principal): Promise<InstanceState & { readonly request: NonNullable<InstanceState["request"]> }> {
  const { state } = await context.services.instances.state(id);
  const { request } = state;
  if (request === null || !mayRead(principal, request.customer_id)) throw absent.instance();
  return { ...state, request };
}

/** An instance after a command: the read model's view once it holds the position, else what the stream itself tells. */
export async function instanceAfter(context: RestContext, id: string, written: Written<InstanceState>, message: string): Promise<object> {
  const { readModels } = context.services;
  const document = await readModels.waitFor(written.position, context.patience) ? await readModels.reader.get(instances, id) : null;
  if (document !== null) return { ...(await instanceViews(context, [document]))[0], message };
  const { status, request, started_at, paused_at, stopped_at, requested_at } = written.state;
  return {
    instance_id: id, agent_id: request?.agent_id, agent_name: request?.agent_name, agent_version: request?.release.version,
    customer_id: request?.customer_id, status, lifecycle_stage: lifecycleStage(status), created_at: requested_at, started_at, paused_at, stopped_at, message,
  };
}
