import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { AgentHubClient } from "#client/client.ts";
import { isProblem } from "#client/problem.ts";
import type { Verb } from "../cli.ts";
import { exitCodes } from "../exit.ts";
import type { Io } from "../io.ts";
import { progress } from "../progress.ts";
import { dataDir, type GlobalFlags, resolveTarget } from "../settings.ts";

interface Finding { readonly check: string; readonly result: "ok" | "warning" | "failed"; readonly says: string }

function node(): Finding {
  const enough = Number(process.versions.node.split(".")[0]) >= 24;
  return { check: "Node", result: enough ? "ok" : "failed", says: enough ? process.version : `${process.version} is too old: 24 or later is needed` };
}

function credentials(io: Io): Finding {
  const path = join(dataDir(io), "credentials.json");
  if (!existsSync(path)) return { check: "data folder", result: "ok", says: `none at ${dataDir(io)} yet; \`agenthub serve\` makes it` };
  const open = process.platform !== "win32" && (statSync(path).mode & 0o077) !== 0;
  return open ? { check: "data folder", result: "warning", says: `${path} is readable by others: chmod 600 ${path}` } : { check: "data folder", result: "ok", says: dataDir(io) };
}

const said = (error: unknown): string => (isProblem(error) ? error.detail ?? error.title : error instanceof Error ? error.message : String(error));

async function tried(check: string, work: () => Promise<string>, result: "failed" | "warning" = "failed"): Promise<Finding> {
  try {
    return { check, result: "ok", says: await work() };
  } catch (error) {
    return { check, result, says: said(error) };
  }
}

async function remote(io: Io, flags: GlobalFlags, version: string): Promise<Finding[]> {
  const target = resolveTarget(io, flags, "operator");
  const client = new AgentHubClient({ server: target.look, apiKey: target.apiKey, retries: 0, signal: AbortSignal.any([io.signal, AbortSignal.timeout(15_000)]) });
  const alive = await tried("server", async () => { await client.alive(); return `${target.look} (${target.serverFrom})`; });
  if (alive.result !== "ok") return [{ ...alive, says: `${alive.says} Start one with \`agenthub serve\`, or name another by --server.` }];
  let theirs: string | undefined;
  const findings = [alive, await tried("stores", async () => { theirs = (await client.ready()).version; return "ready"; })];
  if (theirs !== undefined && theirs !== version) findings.push({ check: "version", result: "warning", says: `the server is ${theirs}, this is ${version}` });
  let operator = false;
  findings.push(await tried("API key", async () => {
    const account = await client.ownAccount();
    operator = account.roles.includes("operator");
    return `${account.name} (${account.roles.join(", ")}), from ${target.keyFrom}`;
  }));
  if (operator) findings.push(await tried("container engine", async () => {
    const { engines } = await client.listEngines();
    if (engines.length === 0) throw new Error("none; Docker agents cannot run, standard agents can");
    const away = engines.filter((engine) => !engine.ok);
    if (away.length > 0) throw new Error(`does not answer: ${away.map(({ name, detail }) => `${name}${detail === undefined ? "" : ` (${detail})`}`).join(", ")}`);
    return engines.map(({ name }) => name).join(", ");
  }, "warning"));
  return findings;
}

/** `agenthub doctor`: looks for what keeps things from working. */
export const doctor: Verb = (cli) => {
  cli.verb("doctor", "Check Node, data folder, server, stores, API key and container engine", "agenthub doctor")
    .action(cli.local(async ({ flags, io, out }) => {
      const findings = [node(), await tried("settings", async () => `profile ${resolveTarget(io, flags, "any").profile ?? "none"}`), credentials(io)];
      if (findings[1]?.result === "ok") findings.push(...await progress(io, "Asking the server", () => remote(io, flags, cli.program.version() ?? "")));
      const failed = findings.some(({ result }) => result === "failed");
      out.show({ healthy: !failed, findings }, () => out.table([
        { name: "check", value: (finding) => finding.check }, { name: "result", value: (finding) => finding.result }, { name: "says", value: (finding) => finding.says },
      ], findings));
      return failed ? exitCodes.failed : exitCodes.ok;
    }));
};
