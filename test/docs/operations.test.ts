import { readFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import { load } from "js-yaml";
import { readConfig, settings } from "#app/config.ts";

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const text = read("docs/operations.md");

const seconds = /TIME|INTERVAL|PATIENCE/;
/** A default as the table writes it. */
function written(name: string, value: string | number | readonly string[] | undefined): string {
  if (value === undefined || (typeof value === "object" && value.length === 0)) return "";
  return seconds.test(name) ? `\`${Number(value) / 1000}s\`` : `\`${String(value)}\``;
}

describe("docs/operations.md", () => {
  it.each(Object.entries(settings.shape))("tells %s with its default and meaning as the code does", (name, schema) => {
    expect(text).toContain(`| \`${name}\` | ${written(name, schema.safeParse(undefined).data)} | ${schema.description ?? ""} |\n`);
  });
  it("tells every figure of /metrics", () => {
    const made = [...read("src/api/rest/metrics.ts").matchAll(/name: "((?:agenthub|process)_[a-z_]+)"/g)].map(([, name = ""]) => name);
    expect(made.length).toBeGreaterThan(3);
    for (const name of made) expect(text).toContain(`| \`${name}\` |`);
  });
});

/** YAML's merge keys, which the parser leaves alone. */
function merged(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(merged);
  if (typeof value !== "object" || value === null) return value;
  const { "<<": base = {}, ...own } = value as Record<string, unknown>;
  return Object.fromEntries(Object.entries({ ...base as object, ...own }).map(([name, inner]) => [name, merged(inner)]));
}

describe.each(["docker-compose.yml", "docker-compose.cluster.yml"])("%s", (file) => {
  interface Service { readonly environment?: Readonly<Record<string, unknown>>; readonly depends_on?: Readonly<Record<string, unknown>> | readonly string[]; readonly build?: string; readonly volumes?: readonly string[] }
  const { services, volumes } = merged(load(read(file))) as { services: Readonly<Record<string, Service>>; volumes: Readonly<Record<string, unknown>> };

  it("gives AgentHub settings that it takes", () => {
    const ours = Object.values(services).filter(({ build }) => build !== undefined);
    expect(ours.length).toBeGreaterThan(0);
    for (const { environment = {} } of ours) {
      const given = Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, String(value).replace(/\$\{\w+[^}]*\}/g, "secret")]));
      for (const name of Object.keys(given)) expect(Object.keys(settings.shape)).toContain(name);
      expect(readConfig(given)).toMatchObject({ HOST: "127.0.0.1", AGENTHUB_AGENT_REACH: "loopback" });
    }
  });
  it("names services and volumes that it has", () => {
    for (const { depends_on = {}, volumes: mounts = [] } of Object.values(services)) {
      for (const name of Array.isArray(depends_on) ? depends_on as readonly string[] : Object.keys(depends_on)) expect(Object.keys(services)).toContain(name);
      for (const [source = ""] of mounts.map((mount) => mount.split(":"))) if (/^\w/.test(source)) expect(Object.keys(volumes)).toContain(source);
    }
  });
});
