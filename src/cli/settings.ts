import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { type Profile, readConfigFile } from "./config-file.ts";
import { usageError } from "./exit.ts";
import type { Io } from "./io.ts";

/** Whose key a command needs. */
export type KeyRole = "customer" | "publisher" | "operator" | "any";

/** The flags that every command takes. */
export interface GlobalFlags {
  readonly json?: boolean; readonly server?: string; readonly serverUrl?: string; readonly apiKey?: string; readonly profile?: string;
}

/** Keys that a server generated into its data folder. */
export interface Credentials {
  readonly admin_key?: string; readonly customer_key?: string; readonly publisher_key?: string; readonly server?: string;
}

/** Where to send requests and with which key. */
export interface Target {
  /** Undefined when nobody named a server. */
  readonly server: string | undefined;
  readonly apiKey: string | undefined;
  readonly keyFrom: string;
  readonly serverFrom: string;
  readonly profile: string | undefined;
  /** Where to look for a running server when nobody named one. */
  readonly look: string;
}

/** Where a server of this machine listens unless told otherwise. */
const localServer = (io: Io): string => `http://127.0.0.1:${io.env["PORT"] || 8080}`;

/** The folder of the embedded stores. */
export const dataDir = (io: Io): string => resolve(io.cwd, io.env["AGENTHUB_DATA_DIR"] || "data");

/** The keys in a data folder; none when there are none. */
function readCredentials(dir: string): Credentials {
  try {
    return JSON.parse(readFileSync(join(dir, "credentials.json"), "utf8")) as Credentials;
  } catch {
    return {};
  }
}

/** The generated key that fits a role; the operator's fits all. */
export function keyFor(role: KeyRole, { admin_key, customer_key, publisher_key }: Credentials): string | undefined {
  const own = { customer: customer_key, publisher: publisher_key, operator: admin_key, any: admin_key ?? publisher_key ?? customer_key }[role];
  return own ?? admin_key;
}

function serverAddress(text: string): string {
  const full = /^[a-z]+:\/\//i.test(text) ? text : `http://${text}`;
  if (!URL.canParse(full) || !/^https?:$/.test(new URL(full).protocol))
    throw usageError(`${text} is no server address`, "Give one such as http://127.0.0.1:8080.");
  return full.replace(/\/+$/, "");
}

const isLocal = (server: string): boolean => /^(127(\.\d+){3}|localhost|\[::1\])$/.test(new URL(server).hostname);

type Source = readonly [from: string, value: string | undefined];

const none: Source = ["nowhere", undefined];
const first = (...sources: readonly Source[]): Source => sources.find(([, value]) => value !== undefined && value !== "") ?? none;

interface Chosen { readonly name: string | undefined; readonly profile: Profile | undefined }

function chosenProfile(io: Io, flags: GlobalFlags): Chosen {
  const config = readConfigFile(io);
  const asked = flags.profile ?? (io.env["AGENTHUB_PROFILE"] || undefined);
  const name = asked ?? config.current;
  const profile = name === undefined ? undefined : config.profiles[name];
  if (asked !== undefined && profile === undefined)
    throw usageError(`there is no profile ${asked}`, `\`agenthub profiles\` lists them; \`agenthub login --profile ${asked}\` makes one.`);
  return { name, profile };
}

// A stored key goes only where it came from: never to another server that a flag names.
function storedKeys(server: string | undefined, role: KeyRole, { name, profile }: Chosen, credentials: Credentials): { ofProfile: Source; generated: Source } {
  const own = server === undefined || isLocal(server) || server === credentials.server;
  return {
    ofProfile: [`profile ${name}`, profile !== undefined && server === serverAddress(profile.server) ? profile.api_key : undefined],
    generated: ["data folder", own ? keyFor(role, credentials) : undefined],
  };
}

// An empty flag is a variable that was not set: what it was to name must not be something else in silence.
function assertGiven(flags: GlobalFlags): void {
  const empty = ([["--server", flags.server], ["--server-url", flags.serverUrl], ["--api-key", flags.apiKey], ["--profile", flags.profile]] as const).find(([, value]) => value === "");
  if (empty !== undefined) throw usageError(`${empty[0]} is empty`, "Leave it out, or set the variable that it is taken from.");
}

/** Settles server and key: flags (a profile that is named by one, too), then environment, then profile, then the data folder's keys. */
export function resolveTarget(io: Io, flags: GlobalFlags, role: KeyRole): Target {
  assertGiven(flags);
  const chosen = chosenProfile(io, flags);
  const credentials = readCredentials(dataDir(io));
  // What a flag chose comes before the environment; what was merely the current profile, after it.
  const ranked = (source: Source, environment: Source) => (flags.profile === undefined ? [environment, source] : [source, environment]);
  const [serverFrom, named] = first(
    ["flag", flags.server ?? flags.serverUrl],
    ...ranked([`profile ${chosen.name}`, chosen.profile?.server], ["AGENTHUB_SERVER", io.env["AGENTHUB_SERVER"]]),
  );
  const server = named === undefined ? undefined : serverAddress(named);
  const { ofProfile, generated } = storedKeys(server, role, chosen, credentials);
  const [keyFrom, apiKey] = first(["flag", flags.apiKey], ...ranked(ofProfile, ["AGENTHUB_API_KEY", io.env["AGENTHUB_API_KEY"]]), generated);
  if (apiKey !== undefined && !/^[\x21-\x7e]+$/.test(apiKey)) throw usageError(`the API key (${keyFrom}) holds a blank or another character that no key has`);
  return {
    server, apiKey, keyFrom, serverFrom: named === undefined ? "default" : serverFrom, profile: chosen.profile && chosen.name,
    // An address in the data folder is a place to look, not the user's word: where nobody answers there, we serve ourselves.
    look: server ?? serverAddress(credentials.server ?? localServer(io)),
  };
}
