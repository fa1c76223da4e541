// Writes src/client/schema.ts from the API's own descriptions: node scripts/run.mjs scripts/generate-client.mjs [--check]
import { readFileSync, writeFileSync } from "node:fs";
import { asyncapi } from "#api/asyncapi.ts";
import { openapi } from "#api/openapi.ts";
import { allRoutes } from "#api/rest/routes.ts";

const path = "src/client/schema.ts";
const widest = 150;

// Routes are only declared, never called: whatever they take along for that may be anything.
const anything = new Proxy(() => anything, { get: () => anything });
const { paths, components } = openapi(allRoutes(anything, anything), "");
const { messages } = asyncapi("").components;

const pascal = (name) => name.split(/[^A-Za-z0-9]+/).filter(Boolean).map((word) => word[0].toUpperCase() + word.slice(1)).join("");
const key = (name) => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name));
const comment = (text, pad = "") => (text === undefined ? "" : `${pad}/** ${text.replaceAll("*/", "*\\/").replaceAll(/\s+/g, " ")} */\n`);
const sorted = (record) => Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1));

// What equals a component is called by its name, wherever it stands.
const shapeOf = ({ default: _default, description: _description, ...schema }) => JSON.stringify(schema);
const names = new Map(sorted(components.schemas).map(([name, schema]) => [shapeOf(schema), name]));

const scalars = { string: "string", boolean: "boolean", null: "null", integer: "number", number: "number" };

function union(parts, pad) {
  const all = [...new Set(parts)];
  const line = all.join(" | ");
  if (line.length <= widest || line.includes("\n")) return line;
  const lines = [""];
  for (const part of all) {
    if (lines.at(-1).length + part.length > widest) lines.push("");
    lines[lines.length - 1] += ` | ${part}`;
  }
  return lines.map((text) => `\n${pad} ${text}`).join("");
}

/** An object's members; what a request leaves out may also be undefined. */
function members({ properties = {}, required = [], additionalProperties: more }, request, pad) {
  const lines = Object.entries(properties).map(([name, schema]) => {
    const needed = required.includes(name);
    const value = type(schema, request, `${pad}  `);
    return `${comment(schema.description, `${pad}  `)}${pad}  readonly ${key(name)}${needed ? "" : "?"}: ${value}${request && !needed && value !== "unknown" ? " | undefined" : ""};\n`;
  });
  if (typeof more === "object") lines.push(`${pad}  readonly [name: string]: unknown;\n`);
  const line = `{ ${lines.map((text) => text.trim()).join(" ").replace(/;$/, "")} }`;
  if (pad !== "" && pad.length + line.length <= widest && !/\/\*|\n/.test(line)) return line;
  return `{\n${lines.join("")}${pad}}`;
}

function object(schema, request, pad) {
  if (Object.keys(schema.properties ?? {}).length > 0) return members(schema, request, pad);
  const { additionalProperties: more } = schema;
  return `Readonly<Record<string, ${more === false ? "never" : type(more ?? {}, request, pad)}>>`;
}

function list(schema, request, pad) {
  const item = type(schema.items ?? {}, request, pad);
  return `readonly ${/[|&]/.test(item) && !item.startsWith("{") ? `(${item})` : item}[]`;
}

/** A schema of one type. */
function single(schema, request, pad) {
  if (schema.type === "object") return object(schema, request, pad);
  if (schema.type === "array") return list(schema, request, pad);
  return schema.format === "decimal" ? "Amount" : scalars[schema.type] ?? "unknown";
}

/** What a schema leaves to choose from, as types; undefined where it leaves no choice. */
function choices(schema, request, pad) {
  const several = schema.oneOf ?? schema.anyOf;
  if (several !== undefined) return several.map((one) => type(one, request, pad));
  if (Array.isArray(schema.type)) return schema.type.map((one) => type({ ...schema, type: one }, request, pad));
  if ("const" in schema) return [JSON.stringify(schema.const)];
  return schema.type === "boolean" ? undefined : schema.enum?.map((value) => JSON.stringify(value));
}

/** A schema as a type. */
function type(schema, request, pad = "", own = false) {
  if (schema.$ref !== undefined) return schema.$ref.split("/").at(-1);
  const name = own ? undefined : names.get(shapeOf(schema));
  if (name !== undefined) return name;
  const parts = choices(schema, request, pad);
  return parts === undefined ? single(schema, request, pad) : union(parts, pad);
}

/** Declares a schema under a name. */
function declared(name, schema, request, described = schema.description) {
  const body = type(schema, request, "", true);
  return `${comment(described)}export ${body.startsWith("{") ? `interface ${name} ${body}` : `type ${name} = ${body};`.replace("= \n", "=\n")}\n`;
}

const bodyOf = ({ content }) => content["application/json"].schema;
const answersOf = (operation) => Object.entries(operation.responses).filter(([status]) => status.startsWith("2")).map(([, { content }]) => Object.values(content)[0].schema);

/** The parameters of one kind as an object's schema. */
function parameters(operation, kind) {
  const own = (operation.parameters ?? []).filter((parameter) => parameter.in === kind);
  return own.length === 0 ? undefined : {
    type: "object", additionalProperties: false, required: own.filter(({ required }) => required).map(({ name }) => name),
    properties: Object.fromEntries(own.map(({ name, description, schema }) => [name, { ...schema, ...(kind === "query" ? { description } : {}) }])),
  };
}

const operations = sorted(paths).flatMap(([address, methods]) => sorted(methods).map(([method, operation]) => ({ address, method, operation })));

function operationOf({ operation }) {
  const parts = Object.entries({ path: parameters(operation, "path"), query: parameters(operation, "query"), header: parameters(operation, "header") })
    .filter(([, schema]) => schema !== undefined).map(([part, schema]) => `  readonly ${part}: ${type(schema, true, "  ")};\n`);
  const body = operation.requestBody === undefined ? "" : `  readonly body: ${type(bodyOf(operation.requestBody), true, "  ")};\n`;
  const answer = `  readonly answer: ${union(answersOf(operation).map((schema) => type(schema, false, "  ")), "  ")};\n`;
  return `${comment(operation.summary)}export interface ${pascal(operation.operationId)} {\n${parts.join("")}${body}${answer}}\n`;
}

const requested = JSON.stringify(operations.map(({ operation }) => operation.requestBody ?? null));
const isRequest = (name) => requested.includes(`"#/components/schemas/${name}"`);
const subscriptions = ["subscribe", "unsubscribe"];
const events = Object.values(messages).filter(({ name }) => !subscriptions.includes(name));

const source = [
  "// Generated from the API's OpenAPI and AsyncAPI documents by scripts/generate-client.mjs.",
  'import type { Amount } from "./json.ts";', "",
  ...sorted(components.schemas).map(([name, schema]) => declared(name, schema, isRequest(name))),
  ...operations.map(operationOf),
  `/** Every operation by method and path. */\nexport interface Operations {\n${operations.map(({ address, method, operation }) =>
    `  readonly ${JSON.stringify(`${method.toUpperCase()} ${address}`)}: ${pascal(operation.operationId)};\n`).join("")}}\n`,
  ...subscriptions.map((name) => declared(pascal(name), messages[name].payload, true, messages[name].summary)),
  `/** What the live feed sends, by name. */\nexport interface LiveEvents {\n${events.map(({ name, summary, payload }) =>
    `${comment(summary, "  ")}  readonly ${key(name)}: ${type(payload, false, "  ")};\n`).join("")}}\n`,
].join("\n").replaceAll(/ +$/gm, "");

const known = (() => { try { return readFileSync(path, "utf8"); } catch { return ""; } })();
if (!process.argv.includes("--check")) writeFileSync(path, source);
else if (known !== source) {
  process.stderr.write(`${path} is not what the code says: node scripts/run.mjs scripts/generate-client.mjs\n`);
  process.exitCode = 1;
}
