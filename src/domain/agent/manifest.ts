import { z } from "zod";
import { priceInput } from "../billing/price.ts";
import { cpu, defaultResources, memory } from "./resources.ts";

// Control, format and bidirectional characters make two names look alike or break a terminal; half a character survives no store.
const plain = (most: number) => z.string().min(1).max(most)
  .refine((text) => !/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(text), "must not hold control or formatting characters")
  .refine((text) => text.trim() === text, "must not begin or end with a space");
const multiline = (most: number) => z.string().max(most)
  .refine((text) => !/[\p{Cf}\p{Cs}\u0000-\u0008\u000b-\u001f\u007f-\u009f]/u.test(text), "must not hold control or formatting characters");

/** An environment variable's name. */
const envName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/, "must be a variable name");
/** Values of environment variables by name. */
export const env = z.record(envName, z.string().max(32_768).refine((text) => !text.includes("\0") && text.isWellFormed(), "must not hold NUL or half a character"))
  .refine((all) => Object.keys(all).length <= 100, "at most 100 variables");

/** A path on an agent: one leading slash, no way out of it. */
export const endpointPath = z.string().max(1024, { error: "must have at most 1024 characters", abort: true })
  .regex(/^\/(?!\/)[^\\\s\u0000-\u001f\u007f#]*$/, "must start with one / and hold no spaces, backslashes or #")
  .refine((path) => !/(^|\/)(?:\.|%2e){1,2}([/?;]|$)/i.test(path) && !/%2f|%5c|%2e%2e|%00|%0[ad]/i.test(path), "must not leave its path");

const nameOf = (image: string): string => image.split("@")[0]?.replace(/:[\w.-]+$/, "") ?? image;

/** A container image reference: `repo/name:tag`, `registry:port/name@sha256:...`. */
export const imageReference = z.string().max(400, { error: "must have at most 400 characters", abort: true })
  .regex(/^(?:(?:[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?)(?::\d{1,5})?\/)?[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*(?::[\w][\w.-]{0,127})?(?:@sha256:[0-9a-f]{64})?$/,
    "must be an image reference in lower case, such as myrepo/agent:v1.0")
  .refine((image) => !/^[^/.:]*[A-Z][^/.:]*\//.test(image), "must be an image reference in lower case, such as myrepo/agent:v1.0")
  .refine((image) => nameOf(image).length <= 255 && !/^[0-9a-f]{64}$/.test(image), "must not be longer than registries take, nor a bare digest")
  .refine((image) => Number(/^[^/]*:(\d+)\//.exec(image)?.[1] ?? 1) <= 65_535, "must name a port that exists");

const httpUrl = z.url({ protocol: /^https?$/ }).max(2048);

const endpointEntry = z.strictObject({
  path: endpointPath,
  method: z.enum(["GET", "POST", "PUT", "PATCH", "DELETE"]).default("POST"),
  description: multiline(2000).optional(),
  /** Seconds. */
  timeout: z.number().int().min(1).max(3600).optional(),
  parameters: z.record(z.string(), z.unknown()).optional(),
});

/** agent.yaml: what a publisher says of an agent, by file or JSON. Values are normalised: memory in bytes, prices as decimals. */
export const manifestInput = z.strictObject({
  name: plain(100).transform((name) => name.normalize("NFC")),
  version: z.string().regex(/^[0-9A-Za-z][0-9A-Za-z.+-]{0,63}$/, "must be a version such as 1.0.0"),
  description: multiline(5000).default(""),
  category: plain(50).default("general"),
  tags: z.array(plain(50)).max(20).default([]),
  protocol: z.string().transform((name) => name.toLowerCase()).pipe(z.enum(["http", "acp"], "must be http or acp")).default("http"),
  endpoint: httpUrl.optional(),
  endpoint_url: httpUrl.optional(),
  endpoints: z.array(endpointEntry).max(100).default([]),
  health: z.strictObject({ path: endpointPath.default("/health") }).default({ path: "/health" }),
  pricing: priceInput.default({
    type: "per_request", currency: "USD", base_price: "0", base_period: "once", price_per_request: "0",
    price_per_minute: "0", price_per_hour: "0", increment_s: 1,
  }),
  limits: z.strictObject({ max_instances: z.number().int().min(1).max(100_000).default(10) }).default({ max_instances: 10 }),
  resources: z.strictObject({
    memory: memory.default(defaultResources.memory_bytes), cpu: cpu.default(defaultResources.cpu),
  }).default({ memory: defaultResources.memory_bytes, cpu: defaultResources.cpu }),
  docker: z.strictObject({
    image: imageReference.optional(),
    port: z.number().int().min(1).max(65_535).default(8000),
    env: env.default({}),
    configurable_env: z.array(envName).max(100).default([]),
    pull: z.enum(["missing", "always"]).default("missing"),
    /** Seconds between the stop signal and the kill. */
    stop_grace: z.number().int().min(1).max(120).default(10),
  }).optional(),
  runtime: plain(100).optional(),
  author: plain(200).optional(),
  license: plain(100).optional(),
  capabilities: z.array(plain(100)).max(50).default([]),
  requirements: z.array(plain(200)).max(100).default([]),
  documentation_url: httpUrl.optional(),
  repository_url: httpUrl.optional(),
});
/** A manifest after validation, environment values included. */
export type ManifestInput = z.output<typeof manifestInput>;
