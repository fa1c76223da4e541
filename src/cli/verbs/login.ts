import { AgentHubClient } from "#client/client.ts";
import type { Verb } from "../cli.ts";
import { configPath, readConfigFile, writeConfigFile } from "../config-file.ts";
import { usageError } from "../exit.ts";
import { progress } from "../progress.ts";
import { resolveTarget } from "../settings.ts";

/** `agenthub login`: keeps a server and a key under a name, after asking the server whether it takes the key. */
export const login: Verb = (cli) => {
  cli.verb("login", "Keep a server and an API key under a name, and use them from now on", [
    "agenthub login --server https://agents.example.com", "echo $KEY | agenthub login --profile work --server https://agents.example.com --api-key -",
  ]).action(cli.local(async ({ flags, io, out }) => {
    const name = flags.profile ?? "default";
    if (!/^[A-Za-z0-9._-]{1,50}$/.test(name)) throw usageError(`${name} is no profile name`, "Use letters, digits, dots, dashes and underscores.");
    const named = { ...flags, profile: undefined };
    const target = resolveTarget(io, Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined)), "any");
    let key = flags.apiKey === "-" ? (await io.readInput()).trim() : flags.apiKey ?? (io.env["AGENTHUB_API_KEY"] || undefined);
    if (key === undefined && io.terminal.input) key = (await io.ask(`API key for ${target.look}: `, true)).trim();
    if (key === undefined || key === "") throw usageError("which API key?", "Give it by --api-key, AGENTHUB_API_KEY, or pipe it: --api-key -.");
    const client = new AgentHubClient({ server: target.look, apiKey: key, signal: io.signal, retries: 1 });
    const account = await progress(io, "Asking the server", () => client.ownAccount());
    const config = readConfigFile(io);
    writeConfigFile(io, { current: name, profiles: { ...config.profiles, [name]: { server: target.look, api_key: key } } });
    const answer = { profile: name, server: target.look, account_id: account.account_id, name: account.name, roles: account.roles };
    out.show(answer, () => `Logged in to ${target.look} as ${account.name} (${account.roles.join(", ")}); profile ${name} is in ${configPath(io)}\n`);
  }));
};
