import { z } from "zod";
import { choice, duration, engine, list, shown, whole } from "./setting-kinds.ts";

const someRoles = "must be api, worker or both: api,worker";
const roles = list.pipe(z.array(z.enum(["api", "worker"], someRoles)).min(1, someRoles));

/** Every setting, its default and its meaning: the one place that knows them. */
export const settings = z.object({
  HOST: z.string().min(1).default("127.0.0.1").describe("address to listen on"),
  PORT: whole(0, 65_535).default(8080).describe("port to listen on; 0 picks a free one"),
  AGENTHUB_DATA_DIR: z.string().min(1).default("./data").describe("folder of the embedded stores and the generated keys"),
  AGENTHUB_EVENT_STORE: z.string().regex(/^(sqlite:|esdb(\+discover)?:\/\/|kurrentdb(\+discover)?:\/\/)/, "must be sqlite: or esdb://...").default("sqlite:").describe("where events live"),
  AGENTHUB_READ_MODELS: z.string().regex(/^(sqlite:|mongodb(\+srv)?:\/\/)/, "must be sqlite: or mongodb://...").default("sqlite:").describe("where read models, metrics and the system store live"),
  AGENTHUB_DOCKER: engine.default("auto").describe("auto, off, or an engine's address"),
  AGENTHUB_AGENT_REACH: choice(["loopback", "network"]).default("loopback").describe("how agents are dialled: published loopback ports, or the containers' network"),
  AGENTHUB_ALLOWED_ENDPOINTS: list.default([]).describe("hosts and ranges inside the network that standard agents may live on"),
  AGENTHUB_ROLES: roles.default(["api", "worker"]).describe("what this process does: api, worker or both"),
  AGENTHUB_LEASE_TIME: duration("1s").default(15_000).describe("how long a silent worker keeps its work to itself"),
  AGENTHUB_ADMIN_KEY: z.string().min(1).optional().describe("the operator's first key; generated into the data folder without it"),
  AGENTHUB_SECRET_KEY: z.string().min(1).optional().describe("32 bytes in hex or base64 that encrypt secrets; generated into the data folder without it"),
  AGENTHUB_START_TIMEOUT: duration("1s").default(120_000).describe("how long a new container may take until its agent is healthy; the image's pull is not counted"),
  AGENTHUB_MONITOR_INTERVAL: duration("100ms").default(30_000).describe("how often an instance is probed"),
  AGENTHUB_MAINTENANCE_INTERVAL: duration("100ms").default(60_000).describe("how often everything is looked over"),
  AGENTHUB_RATE_LIMIT: whole(1).default(6000).describe("requests a minute for one key"),
  AGENTHUB_TRUSTED_PROXIES: list.pipe(z.array(z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()], "must be addresses or ranges such as 10.0.0.0/8"))).default([]).describe("proxies in front whose X-Forwarded-For is believed"),
  AGENTHUB_INSTANCES_PER_ACCOUNT: whole(0).default(100).describe("live instances that one account may have"),
  AGENTHUB_READ_PATIENCE: duration().default(2000).describe("how long a read waits for the read models to know of the caller's own writes"),
  AGENTHUB_LOG_LEVEL: choice(["silent", "error", "warn", "info", "debug"]).default("info").describe("how much is logged"),
});

/** The validated configuration of a process. */
export type Config = z.output<typeof settings>;

/** A setting that cannot be used; the message names it and says what is wanted. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

function checked(config: Config): Config {
  const embedded = ["AGENTHUB_EVENT_STORE", "AGENTHUB_READ_MODELS"] as const;
  const one = embedded.find((name) => config[name].startsWith("sqlite:"));
  if (one !== undefined && new Set(config.AGENTHUB_ROLES).size < 2)
    throw new ConfigError(`AGENTHUB_ROLES: a process of one role needs stores that others share; ${one} is embedded`);
  return config;
}

/** Reads the configuration from an environment. Throws ConfigError that names the first wrong setting, what it was given and what it takes. */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const given = Object.fromEntries(Object.entries(environment).filter(([name, value]) => name in settings.shape && value !== undefined && value !== ""));
  const parsed = settings.safeParse(given);
  if (parsed.success) return checked(parsed.data);
  const issue = parsed.error.issues[0];
  const name = String(issue?.path[0]);
  throw new ConfigError(`${name}: ${issue?.message ?? "is wrong"}${shown(name, given[name] ?? "")}`);
}

/** Names that look like a setting of ours and are none: a misspelling must not pass in silence. */
export function unknownSettings(environment: Readonly<Record<string, string | undefined>>): string[] {
  const clientSettings = /^AGENTHUB_(SERVER|API_KEY|PROFILE|REGISTRY_PASS(WORD)?|TEST_.+|AGENT_(ID|PORT|METADATA)|INSTANCE_ID|PROTOCOL)$/;
  return Object.keys(environment).filter((name) => name.startsWith("AGENTHUB_") && !(name in settings.shape) && !clientSettings.test(name));
}

