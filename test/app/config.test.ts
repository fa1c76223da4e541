import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "@jest/globals";
import { type Config, ConfigError, readConfig, settings } from "#app/config.ts";
import { start } from "#app/start.ts";

const dir = mkdtempSync(join(tmpdir(), "agenthub-config-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** Wrong values of each setting, and what is said of them; `anything` where every text may be right until it is used. */
const anything = [] as const;
const number = (words: string) => ["eighty", "-1", "1.5", "0x50", "1e3", "NaN", " ", "9".repeat(400)].map((value) => [value, words] as const);
const span = ["soon", "30", "-1s", "1.5s", "30 s", "1d", "9999999s"].map((value) => [value, "must be a duration such as 30s"] as const);
const wrong: Readonly<Record<keyof Config, readonly (readonly [value: string, words: string])[]>> = {
  HOST: anything, // what listening on it says is proved by whole processes
  PORT: [...number("must be a whole number from 0 to 65535"), ["65536", "must be a whole number from 0 to 65535"]],
  AGENTHUB_DATA_DIR: [["/dev/null/data", "/dev/null/data cannot be made or written"]],
  AGENTHUB_EVENT_STORE: ["postgres://host/x", "events.db"].map((value) => [value, "must be sqlite: or esdb://..."]),
  AGENTHUB_READ_MODELS: ["redis://host", "mongo"].map((value) => [value, "must be sqlite: or mongodb://..."]),
  AGENTHUB_DOCKER: ["on", "tcp://localhost:123456", "unix://a b"].map((value) => [value, "must be auto, off, or an engine's address such as unix:///var/run/docker.sock"]),
  AGENTHUB_AGENT_REACH: [["all", "must be loopback or network"]],
  AGENTHUB_ALLOWED_ENDPOINTS: ["10.0.0.0/99", "http://x", "a b"].map((value) => [value, "not a host, host:port or address range"]),
  AGENTHUB_ROLES: ["boss", "api,boss", ",", " "].map((value) => [value, "must be api, worker or both: api,worker"]),
  AGENTHUB_LEASE_TIME: [...span, ["999ms", "must be at least 1s"]],
  AGENTHUB_ADMIN_KEY: [["secret", "is no key of ours (ah_...)"]],
  AGENTHUB_SECRET_KEY: [["secret", "the master key must be 32 bytes in hex (64 digits) or base64 (44 characters)"]],
  AGENTHUB_START_TIMEOUT: [...span, ["0s", "must be at least 1s"]],
  AGENTHUB_MONITOR_INTERVAL: [...span, ["0s", "must be at least 100ms"]],
  AGENTHUB_MAINTENANCE_INTERVAL: [...span, ["99ms", "must be at least 100ms"]],
  AGENTHUB_RATE_LIMIT: [...number("must be a whole number of at least 1"), ["0", "must be a whole number of at least 1"]],
  AGENTHUB_TRUSTED_PROXIES: ["all", "10.0.0.0/40", "10.0.0.1,proxy.example.com"].map((value) => [value, "must be addresses or ranges such as 10.0.0.0/8"]),
  AGENTHUB_INSTANCES_PER_ACCOUNT: number("must be a whole number of at least 0"),
  AGENTHUB_READ_PATIENCE: span,
  AGENTHUB_LOG_LEVEL: ["loud", "INFO"].map((value) => [value, "must be silent, error, warn, info or debug"]),
};

const base = { PORT: "0", AGENTHUB_DATA_DIR: dir, AGENTHUB_DOCKER: "off", AGENTHUB_LOG_LEVEL: "silent" };
const refusal = async (given: object): Promise<Error> => await start({ ...base, ...given }).then(
  async (started) => { await started.close(); throw new Error("it started"); },
  (error: unknown) => error as Error,
);

describe("a wrong setting is one line that names it, what it was given and what it takes", () => {
  test("for every setting that there is", () => {
    expect(Object.keys(wrong).toSorted()).toEqual(Object.keys(settings.shape).toSorted());
  });

  const rows = Object.entries(wrong).flatMap(([name, values]) => values.map(([value, words]) => ({ name, value, words, told: JSON.stringify(value.slice(0, 40)) })));
  test.each(rows)("$name is $told", async ({ name, value, words }) => {
    const error = await refusal({ [name]: value });
    expect(error).toBeInstanceOf(ConfigError);
    expect(error.message.startsWith(`${name}: ${words}`)).toBe(true);
    expect(error.message).not.toMatch(/\n|Invalid|expected|received|Too (small|big)/);
    expect(error.message.length).toBeLessThan(250);
    if (name.endsWith("_KEY")) expect(error.message).not.toContain(value);
    else if (!/_(STORE|MODELS)$/.test(name)) expect(error.message).toContain(value.slice(0, 40));
  });

  test("and nothing of it that may be a password", () => {
    const message = (given: Readonly<Record<string, string>>): string => {
      try {
        readConfig(given);
      } catch (error) {
        return (error as Error).message;
      }
      return "";
    };
    expect(message({ AGENTHUB_READ_MODELS: "postgres://me:secret@host/x?password=secret" })).toBe('AGENTHUB_READ_MODELS: must be sqlite: or mongodb://..., not "postgres://"...');
    expect(message({ AGENTHUB_EVENT_STORE: "me:secret@host" })).toBe("AGENTHUB_EVENT_STORE: must be sqlite: or esdb://...");
    expect(message({ AGENTHUB_DOCKER: "ssh://me:sec@ret@host" })).toMatch(/, not "ssh:\/\/host"$/);
    expect(message({ PORT: "a\u001b[31m\nb" })).toMatch(/, not "a\\u001b\[31m\\nb"$/);
  });
});
