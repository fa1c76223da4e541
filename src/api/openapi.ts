import { z } from "zod";
import { problemOut } from "./rest/outputs.ts";
import type { ParamKind, Route } from "./rest/route.ts";

type Json = Record<string, unknown>;

const patterns: Readonly<Record<ParamKind, string>> = {
  agent: "An agent's id, `agent-<uuid>`", instance: "An instance's id, `instance-<uuid>`", task: "A task's id", account: "An account's id, `account-<uuid>`",
  key: "The id of an API key", text: "A name",
};

/** Leaves room in what is answered: it may hold more some day. A request may not hold what is not known. */
export const open = ({ jsonSchema }: { jsonSchema: object }): void => {
  if ("additionalProperties" in jsonSchema && jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
};

/** Collects named schemas while it converts. */
class Schemas {
  readonly components: Json = {};

  of(schema: z.ZodType, io: "input" | "output"): Json {
    const { $schema: _draft, $defs, ...json } = z.toJSONSchema(schema, { io, unrepresentable: "any", override: io === "output" ? open : () => undefined }) as Json & { $defs?: Json };
    for (const [name, definition] of Object.entries($defs ?? {})) this.components[name] ??= moved(definition);
    const { id, ...rest } = moved(json) as Json & { id?: string };
    if (id === undefined) return rest;
    this.components[id] ??= rest;
    return { $ref: `#/components/schemas/${id}` };
  }
}

// Zod refers to its own $defs; OpenAPI keeps them among its components.
function moved(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(moved);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([name, inner]) =>
    [name, name === "$ref" && typeof inner === "string" ? inner.replace("#/$defs/", "#/components/schemas/") : moved(inner)] as const);
  return Object.fromEntries(entries);
}

const header = (name: string, description: string, schema: Json = { type: "string" }): Json => ({ name, in: "header", required: false, description, schema });

function parameters(route: Route, schemas: Schemas): Json[] {
  const path = Object.entries(route.params ?? {}).map(([name, kind]) => ({ name, in: "path", required: true, description: patterns[kind], schema: { type: "string" } }));
  const query = route.query === undefined ? {} : schemas.of(route.query, "input") as { properties?: Record<string, Json>; required?: string[] };
  const queries = Object.entries(query.properties ?? {}).map(([name, { description, ...schema }]) =>
    ({ name, in: "query", required: query.required?.includes(name) ?? false, ...(description === undefined ? {} : { description }), schema }));
  const headers = route.method === "post"
    ? [header("Idempotency-Key", "The same key again answers what the first request did.", { type: "string", minLength: 1, maxLength: 255, pattern: "^[ -~]+$" })] : [];
  const binary = route.bodyKind === "usage" ? ["specversion", "id", "source", "type", "time", "subject"].map((name) => header(`ce-${name}`, "Binary mode: attributes as headers, the body is the data.")) : [];
  const waits = route.responses[202] === undefined ? [] : [header("Prefer", "`wait=N` seconds for the outcome, or `respond-async`.")];
  const reads = route.method === "get" && route.roles !== "public" ? [header("AgentHub-Min-Cursor", "An AgentHub-Cursor that the answer must include.", { type: "string", pattern: "^[A-Za-z0-9_-]+$" })] : [];
  return [...path, ...queries, ...headers, ...binary, ...waits, ...reads];
}

function requestBody(route: Route, schemas: Schemas): Json {
  if (route.body === undefined) return {};
  const schema = schemas.of(route.body, "input");
  const metadata = (schema as { properties?: Record<string, Json> }).properties?.["metadata"];
  const types: Json = { "application/json": { schema } };
  if (route.bodyKind === "manifest" && metadata !== undefined) types["application/yaml"] = { schema: metadata };
  if (route.bodyKind === "usage") {
    types["application/cloudevents+json"] = { schema };
    types["application/cloudevents-batch+json"] = { schema };
    types["application/x-ndjson"] = { schema: { type: "string" } };
  }
  const required = Array.isArray((schema as { required?: string[] }).required) && ((schema as { required?: string[] }).required?.length ?? 0) > 0;
  return { requestBody: { required, content: types } };
}

function responses(route: Route, schemas: Schemas): Json {
  const answers = Object.entries(route.responses).map(([status, schema]) => {
    const types = route.produces?.includes("text/plain") === true || route.produces?.includes("text/html") === true ? route.produces : ["application/json", ...(route.produces ?? [])];
    const json = schemas.of(schema, "output");
    const headers = route.method === "get" ? {} : { headers: { "AgentHub-Cursor": { description: "Where a reader sees what was written.", schema: { type: "string" } } } };
    return [status, { description: Number(status) === 202 ? "Accepted; not done yet" : "Done", ...headers, content: Object.fromEntries(types.map((type) => [type, { schema: type === "application/json" ? json : { type: "string" } }])) }];
  });
  return { ...Object.fromEntries(answers), default: { $ref: "#/components/responses/Problem" } };
}

const operationId = (route: Route): string =>
  [route.method, ...route.path.split("/").filter((part) => part !== "").map((part) => part.replaceAll(/[{}]/g, "").replaceAll(/[.-]/g, "_"))].join("_");

/** The OpenAPI 3.1 description of routes. */
export function openapi(routes: readonly Route[], version: string): Json {
  const schemas = new Schemas();
  const paths: Record<string, Json> = {};
  for (const route of routes) {
    const roles = Array.isArray(route.roles) ? ` Roles: ${route.roles.join(", ")}.` : "";
    const parts = parameters(route, schemas);
    (paths[route.path] ??= {})[route.method] = {
      operationId: operationId(route), summary: route.summary, tags: [route.tag], ...(roles === "" ? {} : { description: roles.trim() }),
      ...(route.roles === "public" ? { security: [] } : {}), ...(parts.length > 0 ? { parameters: parts } : {}),
      ...requestBody(route, schemas), responses: responses(route, schemas),
    };
  }
  const problem = schemas.of(problemOut, "output");
  return {
    openapi: "3.1.0",
    info: {
      title: "AgentHub", version, license: { name: "MIT", identifier: "MIT" },
      description: "A marketplace for AI agents: register, discover, instantiate, run tasks, watch, pause, resume, terminate, and pay for exactly what was used.",
    },
    servers: [{ url: "/" }],
    security: [{ apiKey: [] }],
    tags: [...new Set(routes.map((route) => route.tag))].map((name) => ({ name })),
    paths,
    components: {
      schemas: schemas.components,
      responses: { Problem: { description: "Problem details (RFC 9457)", content: { "application/problem+json": { schema: problem } } } },
      securitySchemes: { apiKey: { type: "http", scheme: "bearer", description: "An API key, `ah_...`." } },
    },
  };
}
