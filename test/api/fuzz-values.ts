import fc from "fast-check";
import type { Schema } from "#api/docs-schema.ts";

const nested = (depth: number): unknown => { let value: unknown = 1; for (let at = 0; at < depth; at += 1) value = at % 2 === 0 ? [value] : { a: value }; return value; };
const ownProto: unknown = JSON.parse('{"__proto__":{"polluted":true}}');

/** Values that parsers, stores and comparisons are known to trip over. */
export const hostile: readonly unknown[] = [
  null, true, false, 0, -0, -1, 1, 1.5, 1e21, -1e308, Number.MAX_SAFE_INTEGER, 2 ** 53, 5e-324, "", " ", "0", "-1", "1e309", "NaN", "Infinity", "null", "undefined",
  "\u0000", "a\u0000b", "\u202Eabc", "\uFEFF", "\u2028", "\uD800", "💥", "é́", "../../etc/passwd", "//evil", "/a/../b", "\\\\host\\share", "%00", "%2e%2e%2f", "a\r\nx: y",
  "' OR 1=1 --", "{{7*7}}", "${jndi:ldap://x}", "<script>alert(1)</script>", "$ne", "a".repeat(5000), "a-".repeat(2000), "/".repeat(3000), "9".repeat(400), "0.".padEnd(300, "1"),
  [], {}, [[]], [null], [{}], { $ne: 1 }, { $gt: "" }, { toString: 1 }, { constructor: { prototype: { polluted: true } } }, ownProto, { length: 1e9 }, { then: 1 }, { toJSON: "x" },
  nested(10), nested(63), nested(64), nested(400), Array.from({ length: 1500 }, () => 0), "agent-00000000-0000-7000-8000-000000000000", "instance-00000000-0000-7000-8000-000000000000",
  "2026-13-45T99:99:99Z", "2026-02-30T00:00:00Z", "0000-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999+23:59", "+275760-09-13T00:00:00.001Z",
];

const anything = fc.oneof(fc.constantFrom(...hostile), fc.jsonValue({ maxDepth: 3 }), fc.string({ unit: "binary", maxLength: 40 }));

const scalars: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  integer: fc.constantFrom(1, 2, 30), number: fc.constantFrom(0, 1, 0.25, 12), boolean: fc.boolean(), string: fc.constantFrom("1", "a", "utility", "0.5", "some text"),
};

function likelyObject(schema: Schema, at: (inner: Schema, as?: string) => fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  const properties = Object.entries(schema.properties ?? {}).map(([key, inner]) => [key, at(inner, key)] as const);
  const required = (schema.required ?? []).filter((key) => schema.properties?.[key] !== undefined);
  if (properties.length > 0) return fc.record(Object.fromEntries(properties), { requiredKeys: required });
  const inner = typeof schema.additionalProperties === "object" ? at(schema.additionalProperties, "") : fc.jsonValue({ maxDepth: 2 });
  return fc.dictionary(fc.constantFrom("MODEL", "A_1", "team"), inner, { maxKeys: 2 });
}

function plainly({ type: types, ...schema }: Schema, name: string, at: (inner: Schema, as?: string) => fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  const type = String([types].flat()[0]);
  if (type === "object") return likelyObject(schema, at);
  return type === "array" ? fc.array(at(schema.items ?? {}, name), { maxLength: 3 }) : scalars[type] ?? fc.jsonValue({ maxDepth: 2 });
}

/** Values that a schema mostly takes; `known` gives those that no schema tells, by their name. */
export function likely(schema: Schema, schemas: Readonly<Record<string, Schema>>, known: Readonly<Record<string, readonly unknown[]>>, name = ""): fc.Arbitrary<unknown> {
  const at = (inner: Schema, as = name) => likely(inner, schemas, known, as);
  const fixed = known[name] ?? (schema.const === undefined ? schema.enum : [schema.const]);
  if (fixed !== undefined) return fc.constantFrom(...fixed);
  if (schema.$ref !== undefined) return at(schemas[schema.$ref.split("/").at(-1) ?? ""] ?? {});
  const union = schema.anyOf ?? schema.oneOf ?? [];
  return union.length > 0 ? fc.oneof(...union.map((inner) => at(inner))) : plainly(schema, name, at);
}

/** A copy with what is at one place changed, removed, doubled or joined by a stranger. */
function mutate(value: unknown, places: readonly number[], evil: unknown, how: number): unknown {
  const [place, ...rest] = places;
  if (place === undefined || typeof value !== "object" || value === null) return how % 5 === 4 ? [value] : evil;
  if (Array.isArray(value)) return value.length === 0 ? [evil] : value.map((inner, index) => (index === place % value.length ? mutate(inner, rest, evil, how) : inner as unknown));
  const entries = Object.entries(value);
  const chosen = entries[place % Math.max(1, entries.length)]?.[0];
  if (how % 5 === 0) return Object.fromEntries(entries.filter(([key]) => key !== chosen));
  if (how % 5 === 1) return Object.fromEntries([...entries, [["status", "price", "__proto__", "role", "customer_id", "docker"][place % 6] ?? "", evil]]);
  return Object.fromEntries(entries.map(([key, inner]) => [key, key === chosen ? mutate(inner, rest, evil, how) : inner as unknown]));
}

/** Mostly likely values, half of them with something hostile somewhere inside, some hostile as a whole. */
export const fuzzed = (good: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> => fc.oneof(
  { weight: 4, arbitrary: good },
  { weight: 6, arbitrary: fc.tuple(good, fc.array(fc.nat(12), { minLength: 1, maxLength: 3 }), anything, fc.nat(9)).map(([value, places, evil, how]) => mutate(value, places, evil, how)) },
  { weight: 1, arbitrary: anything },
);
