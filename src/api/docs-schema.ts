import { html } from "./docs-html.ts";

/** A JSON schema as the OpenAPI document holds it. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly additionalProperties?: Schema | boolean;
}

const code = (text: string): string => `<code>${html(text)}</code>`;
const named = (reference: string): string => reference.split("/").at(-1) ?? "";
const isNull = (schema: Schema): boolean => schema.type === "null";
const alternatives = (schema: Schema): readonly Schema[] => schema.anyOf ?? schema.oneOf ?? [];

function oneOf(values: readonly unknown[]): string {
  const shown = values.map((value) => code(JSON.stringify(value)));
  return shown.length > 12 ? `one of ${shown.length} values such as ${shown[0] ?? ""}` : shown.join(" or ");
}

function simple({ type, format, items, properties, additionalProperties }: Schema): string {
  if (type === "array") return `list of ${kind(items ?? {})}`;
  if (type === "object" && properties === undefined && typeof additionalProperties === "object") return `object of ${kind(additionalProperties)} by name`;
  return html([type ?? "any value"].flat().join(" or ")) + (format === undefined ? "" : ` (${html(format)})`);
}

/** What kind of value a schema is, in words. */
export function kind(schema: Schema): string {
  if (schema.$ref !== undefined) return `<a href="#schema-${html(named(schema.$ref))}">${html(named(schema.$ref))}</a>`;
  const values = schema.const === undefined ? schema.enum : [schema.const];
  if (values !== undefined) return oneOf(values);
  const either = alternatives(schema);
  return either.length > 0 ? [...new Set(either.map(kind))].join(" or ") : simple(schema);
}

const bounds: readonly (readonly [keyof Schema, (value: unknown) => string])[] = [
  ["minimum", (value) => (Number(value) <= Number.MIN_SAFE_INTEGER ? "" : `at least ${String(value)}`)], ["maximum", (value) => (Number(value) >= Number.MAX_SAFE_INTEGER ? "" : `at most ${String(value)}`)],
  ["maxLength", (value) => `at most ${String(value)} characters`], ["maxItems", (value) => `at most ${String(value)} items`],
  ["default", (value) => (typeof value === "object" ? "" : `default ${code(JSON.stringify(value))}`)],
  ["examples", (value) => `such as ${code(JSON.stringify((value as unknown[])[0]))}`],
];

function remarks(schema: Schema, required: boolean): string {
  const parts = bounds.map(([name, say]) => (schema[name] === undefined ? "" : say(schema[name])));
  return [required ? "<em>required</em>" : "", ...parts, html(schema.description ?? "")].filter((part) => part !== "").join(", ");
}

/** The object that a schema describes somewhere inside, if there is one to unfold. */
function inner(schema: Schema): Schema | undefined {
  if (schema.$ref !== undefined) return undefined;
  if (schema.properties !== undefined) return schema;
  const below = [...alternatives(schema).filter((one) => !isNull(one)), ...(schema.items === undefined ? [] : [schema.items]), ...(typeof schema.additionalProperties === "object" ? [schema.additionalProperties] : [])];
  return below.map(inner).find((found) => found !== undefined);
}

function rows(schema: Schema, asked: boolean): string {
  return Object.entries(schema.properties ?? {}).map(([name, property]) => {
    const nested = inner(property);
    return `<li>${code(name)} <span class="kind">${kind(property)}</span> <span class="remark">${remarks(property, asked && (schema.required?.includes(name) ?? false))}</span>${nested === undefined ? "" : rowsOf(nested, asked)}</li>`;
  }).join("");
}

const rowsOf = (schema: Schema, asked: boolean): string => `<ul class="fields">${rows(schema, asked)}</ul>`;

/** A schema as a list of its fields; of what a caller sends it tells which it must have. */
export function fields(schema: Schema, asked = false): string {
  const nested = inner(schema);
  const head = nested === schema ? "" : `<p class="kind">${kind(schema)}</p>`;
  return head + (nested === undefined ? "" : rowsOf(nested, asked));
}
