import { z } from "zod";
import { changePrice, updateAgent } from "#commands/agent/change-agent.ts";
import type { Executor } from "#commands/execute.ts";
import { noStream } from "#commands/ports.ts";
import { agent, type AgentState } from "#domain/agent/agent.ts";
import { imageReference, manifestInput } from "#domain/agent/manifest.ts";
import { capacity } from "#domain/capacity/capacity.ts";
import { capacityStream } from "#domain/kernel/ids.ts";
import { agents } from "#projections/agents.ts";
import type { Written } from "#reactions/services.ts";
import { isOperator, type Principal } from "../auth/principal.ts";
import { agentViews } from "./agent-views.ts";
import type { RestContext } from "./context.ts";
import { account, paging } from "./inputs.ts";
import { agentOut, listOf, registeredOut } from "./outputs.ts";
import { readPage } from "./page.ts";
import { absent, Problem } from "./problem-details.ts";
import { type Answer, type Route, route } from "./route.ts";

const credentials = z.strictObject({
  username: z.string().min(1).max(256), password: z.string().min(1).max(4096), registry: z.string().min(1).max(255).optional(),
});
const metadata = manifestInput.meta({ id: "Manifest", description: "What a publisher says of an agent, as agent.yaml does." });
const standardBody = z.strictObject({ metadata });
const dockerBody = z.strictObject({ docker_image: imageReference.optional(), metadata, registry_credentials: credentials.optional() });
const eitherBody = dockerBody;

const fields = manifestInput.shape;
const patchBody = z.strictObject({
  description: fields.description.unwrap().optional(), category: fields.category.unwrap().optional(), tags: fields.tags.unwrap().optional(),
  capabilities: fields.capabilities.unwrap().optional(), requirements: fields.requirements.unwrap().optional(),
  runtime: fields.runtime, author: fields.author, license: fields.license, documentation_url: fields.documentation_url,
  repository_url: fields.repository_url, endpoints: fields.endpoints.unwrap().optional(), pricing: fields.pricing.unwrap().optional(),
});

/** An agent is active once it has had an instance: its capacity's stream then exists. */
async function stageOf({ agent_id, status }: AgentState, executor: Executor): Promise<string> {
  if (status === "deregistered") return "deregistered";
  return (await executor.state(capacity, capacityStream(agent_id))).revision === noStream ? "registered" : "active";
}

async function registered(executor: Executor, written: Written<AgentState>, message: string): Promise<Answer> {
  const { state, position, changed } = written;
  const stage = await stageOf(state, executor);
  const { docker } = state.release ?? {};
  return {
    status: changed ? 201 : 200, position,
    headers: changed ? { location: `/agents/${state.agent_id}` } : {},
    body: {
      agent_id: state.agent_id, name: state.name, version: state.release?.version ?? "", lifecycle_stage: stage,
      ...(docker === undefined ? {} : { docker_image: docker.image, image_digest: docker.image_digest }),
      message: changed ? message : "This very version was registered before; nothing changed.",
    },
  };
}

function imageOf(body: z.output<typeof dockerBody>): string {
  const image = body.docker_image ?? body.metadata.docker?.image;
  if (image === undefined)
    throw new Problem("invalid-image-reference", "docker_image: is required.", { errors: [{ field: "docker_image", message: "is required" }] });
  return image;
}

const submissionOf = (body: z.output<typeof dockerBody>, kind: "docker" | "standard") => kind === "standard"
  ? { kind, manifest: body.metadata }
  : { kind, manifest: body.metadata, docker_image: imageOf(body), credentials: body.registry_credentials };

/** Agents of their publishers. */
export function agentRoutes(context: RestContext): Route[] {
  const { services } = context;

  async function owned(id: string, principal: Principal): Promise<AgentState> {
    const { state } = await services.executor.state(agent, id);
    if (state.status === "none" || (state.publisher_id !== principal.account_id && !isOperator(principal))) throw absent.agent();
    return state;
  }

  return [
    route({
      method: "post", path: "/agents/register", tag: "agents", summary: "Register an agent that its publisher hosts", roles: ["publisher"],
      body: standardBody, bodyKind: "manifest", responses: { 201: registeredOut, 200: registeredOut },
      async handler({ body, principal, command }) {
        const id = services.agents.agentIdOf(principal.account_id, body.metadata.name);
        return await registered(services.executor, await services.agents.register(submissionOf(body, "standard"), command({ agent: id })), "Agent registered.");
      },
    }),
    route({
      method: "post", path: "/agents/register-docker", tag: "agents", summary: "Register an agent that runs from a Docker image", roles: ["publisher"],
      body: dockerBody, bodyKind: "manifest", responses: { 201: registeredOut, 200: registeredOut },
      async handler({ body, principal, command }) {
        const id = services.agents.agentIdOf(principal.account_id, body.metadata.name);
        return await registered(services.executor, await services.agents.register(submissionOf(body, "docker"), command({ agent: id })), "Docker agent registered.");
      },
    }),
    route({
      method: "get", path: "/agents", tag: "agents", summary: "List your agents, deregistered ones included", roles: ["publisher"],
      query: z.strictObject({ ...paging, account_id: account }), responses: { 200: listOf("agents", agentOut) },
      async handler({ query, principal }) {
        const all = isOperator(principal) && query.account_id === undefined;
        const publisher = isOperator(principal) ? query.account_id ?? "" : principal.account_id;
        const page = await readPage(context, agents, {
          limit: query.limit, cursor: query.cursor,
          query: all ? { index: "all", descending: true } : { index: "by_publisher", equals: { publisher_id: publisher }, descending: true },
        });
        return { body: { agents: await agentViews(context, page.documents, principal), next_cursor: page.next_cursor } };
      },
    }),
    route({
      method: "get", path: "/agents/{id}", tag: "agents", summary: "Show an agent", roles: "any", params: { id: "agent" }, responses: { 200: agentOut },
      async handler({ params, principal }) {
        const document = await services.readModels.reader.get(agents, params["id"] ?? "");
        if (document === null) throw absent.agent();
        return { body: (await agentViews(context, [document], principal))[0] };
      },
    }),
    route({
      method: "patch", path: "/agents/{id}", tag: "agents", summary: "Change what describes an agent, or its price for new instances",
      roles: ["publisher"], params: { id: "agent" }, body: patchBody, responses: { 200: registeredOut },
      async handler({ params, body, principal, command }) {
        const id = params["id"] ?? "";
        const state = await owned(id, principal);
        const { pricing, endpoints, ...profile } = body;
        const request = command({ account: state.publisher_id, agent: id });
        const changed = await services.executor.execute(updateAgent, { agent_id: id, profile, endpoints }, request);
        const priced = pricing === undefined ? changed
          // One request, two commands of one stream: each needs an id of its own.
          : await services.executor.execute(changePrice, { agent_id: id, price: pricing }, { ...request, command_id: services.ids.named(`${request.command_id} price`) });
        const written = await registered(services.executor, { state: priced.state, position: priced.position, changed: false }, "");
        return { ...written, repeated: changed.repeated, body: { ...(written.body as object), message: "Agent updated." } };
      },
    }),
    route({
      method: "delete", path: "/agents/{id}", tag: "agents", summary: "Deregister an agent for ever; refused while an instance is live",
      roles: ["publisher"], params: { id: "agent" }, responses: { 200: registeredOut },
      async handler({ params, principal, command }) {
        const id = params["id"] ?? "";
        const { publisher_id } = await owned(id, principal);
        const written = await registered(services.executor, { ...await services.agents.deregister(id, undefined, command({ account: publisher_id, agent: id })), changed: false }, "");
        return { ...written, body: { ...(written.body as object), message: "Agent deregistered." } };
      },
    }),
    route({
      method: "post", path: "/agents/{id}/versions", tag: "agents", summary: "Publish a new version; instances that run keep theirs",
      roles: ["publisher"], params: { id: "agent" }, body: eitherBody, bodyKind: "manifest", responses: { 201: registeredOut, 200: registeredOut },
      async handler({ params, body, principal, command }) {
        const id = params["id"] ?? "";
        const state = await owned(id, principal);
        if (services.agents.agentIdOf(state.publisher_id, body.metadata.name) !== id)
          throw new Problem("validation-failed", "metadata.name: must be the agent's name.", { errors: [{ field: "metadata.name", message: "must be the agent's name" }] });
        const kind = body.docker_image !== undefined || body.metadata.docker?.image !== undefined ? "docker" : "standard";
        return await registered(services.executor, await services.agents.publishVersion(id, submissionOf(body, kind), command({ account: state.publisher_id, agent: id })), "Version published.");
      },
    }),
  ];
}
