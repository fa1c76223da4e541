import { Option } from "commander";
import type { Verb } from "../cli.ts";

const settings = [
  ["--host <address>", "HOST", "address to listen on (default 127.0.0.1)"],
  ["--port <port>", "PORT", "port to listen on, 0 for a free one (default 8080)"],
  ["--data-dir <folder>", "AGENTHUB_DATA_DIR", "embedded stores and generated keys (default ./data)"],
  ["--event-store <address>", "AGENTHUB_EVENT_STORE", "sqlite: in the data folder (default), or esdb://..."],
  ["--read-models <address>", "AGENTHUB_READ_MODELS", "sqlite: in the data folder (default), or mongodb://..."],
  ["--docker <engine>", "AGENTHUB_DOCKER", "auto (default), off, or an engine's address"],
  ["--agent-reach <way>", "AGENTHUB_AGENT_REACH", "loopback (default), or network when AgentHub runs in a container itself"],
  ["--allowed-endpoints <list>", "AGENTHUB_ALLOWED_ENDPOINTS", "hosts and ranges inside the network where standard agents may live"],
  ["--roles <list>", "AGENTHUB_ROLES", "api,worker (default), or one of them"],
  ["--admin-key <key>", "AGENTHUB_ADMIN_KEY", "the operator's first key (default: generated); safer in the environment"],
  ["--secret-key <key>", "AGENTHUB_SECRET_KEY", "master key of stored secrets (default: generated); safer in the environment"],
  ["--start-timeout <duration>", "AGENTHUB_START_TIMEOUT", "how long a new container may take until its agent is healthy (default 120s)"],
  ["--monitor-interval <duration>", "AGENTHUB_MONITOR_INTERVAL", "how often an instance is probed (default 30s)"],
  ["--maintenance-interval <duration>", "AGENTHUB_MAINTENANCE_INTERVAL", "how often everything is looked over (default 60s)"],
  ["--lease-time <duration>", "AGENTHUB_LEASE_TIME", "how long a silent worker keeps its work to itself (default 15s)"],
  ["--rate-limit <number>", "AGENTHUB_RATE_LIMIT", "requests a minute for one key (default 6000)"],
  ["--instances-per-account <number>", "AGENTHUB_INSTANCES_PER_ACCOUNT", "live instances that one account may have (default 100)"],
  ["--read-patience <duration>", "AGENTHUB_READ_PATIENCE", "how long a read waits for what its caller wrote (default 2s)"],
  ["--trusted-proxies <list>", "AGENTHUB_TRUSTED_PROXIES", "proxies in front, as addresses or ranges, whose X-Forwarded-For is believed"],
  ["--log-level <level>", "AGENTHUB_LOG_LEVEL", "silent, error, warn, info (default) or debug"],
] as const;

/** `agenthub serve`: every setting of the environment as a flag, which wins. */
export const serve: Verb = (cli) => {
  const command = cli.verb("serve", "Run the server: the API, and the worker that looks after instances", [
    "agenthub serve --port 8080", "agenthub serve --event-store esdb://localhost:2113?tls=false --read-models mongodb://localhost:27017/agenthub",
  ]);
  for (const [flags, name, text] of settings) command.addOption(new Option(flags, `${text} [${name}]`));
  command.action(cli.local<Record<string, string | undefined>>(async ({ flags, io, application }) => {
    const given = settings.map(([text, name]) => [name, flags[new Option(text).attributeName()]] as const).filter(([, value]) => value !== undefined);
    return application.serve({ ...io.env, ...Object.fromEntries(given) });
  }));
};
