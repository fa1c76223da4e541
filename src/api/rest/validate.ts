import type { z } from "zod";
import { type FieldError, Problem } from "./problem-details.ts";
import type { ProblemCode } from "./problems.ts";

type Issue = z.core.$ZodIssue;

// What would let a container out of its box; told apart so that nobody takes it for a typing mistake.
const forbidden = new Set([
  "privileged", "volumes", "volume", "binds", "mounts", "devices", "device", "cap_add", "network_mode", "network", "pid_mode", "ipc_mode",
  "security_opt", "host_config", "userns_mode", "sysctls", "extra_hosts", "cgroup_parent", "ulimits", "group_add", "docker_socket",
]);

const bySegment: Readonly<Record<string, ProblemCode>> = {
  pricing: "invalid-pricing", price: "invalid-pricing", memory_limit: "invalid-resources", cpu_limit: "invalid-resources",
  memory: "invalid-resources", cpu: "invalid-resources", resources: "invalid-resources", docker_image: "invalid-image-reference",
  image: "invalid-image-reference", endpoint_url: "endpoint-not-allowed",
};

const snake = (name: string): string => name.replace(/([a-z])([A-Z])/g, "$1_$2").toLowerCase();

const comparisons: Readonly<Record<string, string>> = { "<=": "at most", ">=": "at least", "<": "less than", ">": "more than" };

const kinds: Readonly<Record<string, string>> = { string: "text", object: "an object", record: "an object", array: "a list", number: "a number", int: "a whole number", boolean: "true or false" };

function wrongKind(expected: string, message: string): string {
  if (message.endsWith("received undefined")) return "is required";
  if (message === "Invalid input: expected string, received number") return "must be text: put it in quotes";
  return `must be ${kinds[expected] ?? expected}`;
}

const wrongChoice = (values: readonly string[]): string => `must be ${values.length > 1 ? "one of " : ""}${values.join(", ")}`;

function outOfBounds(message: string): string | undefined {
  const [, verb, sign = "", bound, unit = ""] = /^Too (?:big|small): expected \w+ to (have|be) ([<>]=?)(\S+)( \w+)?$/.exec(message) ?? [];
  return verb === undefined ? undefined : `must ${verb} ${comparisons[sign] ?? sign} ${bound ?? ""}${unit}`;
}

/** What is wrong, as one would say it. */
function wording(issue: Issue): string {
  const { code, message } = issue;
  if (code === "invalid_type") return wrongKind(issue.expected, message);
  if (code === "invalid_value" && message.startsWith("Invalid ")) return wrongChoice(issue.values.map(String));
  if (code === "invalid_key" && issue.issues[0] !== undefined) return wording(issue.issues[0] as Issue);
  return outOfBounds(message) ?? message.replace(/^Invalid (?:input|option): expected /, "must be ").replace(/, received .*$/, "").replace(/^Invalid input$/, "has none of the forms that it may have").replace(/^Invalid URL$/, "must be a URL");
}

/** The fields that an issue names, with why. */
function fieldsOf(issue: Issue): { path: PropertyKey[]; message: string; unknown: boolean }[] {
  if (issue.code === "unrecognized_keys") return issue.keys.map((key) => ({ path: [...issue.path, key], message: "is not a field", unknown: true }));
  if (issue.code === "invalid_union" && issue.errors[0]?.[0] !== undefined && issue.errors.length === 1)
    return issue.errors[0].flatMap((inner) => fieldsOf({ ...inner, path: [...issue.path, ...inner.path] } as Issue));
  return [{ path: [...issue.path], message: wording(issue), unknown: false }];
}

function slugOf(path: readonly PropertyKey[], unknown: boolean): ProblemCode | null {
  const names = path.map(String);
  const last = names.at(-1) ?? "";
  if (unknown) return forbidden.has(snake(last)) ? "forbidden-container-option" : null;
  const known = names.map((name) => bySegment[name]).find((slug) => slug !== undefined);
  if (known !== undefined) return known;
  if (last !== "endpoint") return null;
  return names.includes("metadata") ? "endpoint-not-allowed" : "invalid-endpoint-path";
}

const shown = (path: readonly PropertyKey[]): string => path.map(String).join(".");

function findings(error: z.ZodError): { errors: FieldError[]; slug: ProblemCode | null } {
  const fields = error.issues.flatMap(fieldsOf).slice(0, 50);
  const found = fields.map(({ path, message, unknown }) => ({ field: shown(path), message, slug: slugOf(path, unknown) }));
  const slug = found.find((field) => field.slug === "forbidden-container-option")?.slug ?? found.find((field) => field.slug !== null)?.slug ?? null;
  // What the problem is named after comes first, so that its words fit its title.
  const ordered = found.toSorted((a, b) => Number(b.slug === slug) - Number(a.slug === slug));
  return { errors: ordered.map(({ field, message }) => ({ field, message })), slug };
}

const words = (errors: readonly FieldError[]): string =>
  errors.slice(0, 3).map(({ field, message }) => (field === "" ? message : `${field}: ${message}`)).join("; ");

/** Reads a body through its schema; what is wrong is named field by field. */
export function validBody<B>(schema: z.ZodType<B>, value: unknown): B {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const { errors, slug } = findings(parsed.error);
  throw new Problem(slug ?? "validation-failed", words(errors), { errors });
}

/** Reads a query through its schema. */
export function validQuery<Q>(schema: z.ZodType<Q>, value: unknown): Q {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const { errors } = findings(parsed.error);
  throw new Problem("invalid-query", words(errors), { errors });
}
