import type { InstanceState } from "#domain/instance/instance.ts";
import { type InstanceDocument, instances, newInstance } from "#projections/instances.ts";
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

/** A document that is behind its stream, brought up to what the stream tells; its figures are those that are known so far. */
function caughtUp(document: InstanceDocument | null, id: string, { request, ...state }: InstanceState): InstanceDocument {
  if (request === null) throw absent.instance();
  return { ...document ?? newInstance(request, state.requested_at), instance_id: id, status: state.status, changed_at: state.since, state };
}

/** An instance after a command: the read model's view once it holds the position, else with what the stream itself tells. */
export async function instanceAfter(context: RestContext, id: string, written: Written<InstanceState>, message: string): Promise<object> {
  const { readModels } = context.services;
  const current = await readModels.waitFor(written.position, context.patience);
  const document = await readModels.reader.get(instances, id);
  const shown = current && document !== null ? document : caughtUp(document, id, written.state);
  return { ...(await instanceViews(context, [shown]))[0], message };
}
