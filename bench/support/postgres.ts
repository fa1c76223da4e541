import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { chown, glob, readFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";

/** A PostgreSQL of the bench's own. */
export interface Postgres {
  /** Where it answers; `lazy` commits do not wait for the disk, as the embedded read models do not. */
  url(lazy?: "lazy"): string;
  stop(): Promise<void>;
}

const patience = 10_000;
const places = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql*/bin"];

/** The folder of the newest server programs that this machine has. */
export async function postgresPrograms(): Promise<string> {
  for (const place of places) {
    if (place === "") continue;
    const found = await Array.fromAsync(glob(join(place, "initdb")));
    const newest = found.toSorted((a, b) => b.localeCompare(a, "en", { numeric: true }))[0];
    if (newest !== undefined) return dirname(newest);
  }
  throw new Error("there is no PostgreSQL here (initdb, postgres)");
}

/** PostgreSQL refuses to run as root, so there it runs as whoever is meant to run it, or as nobody. */
async function unprivileged(): Promise<{ uid: number; gid: number } | null> {
  if (process.getuid?.() !== 0) return null;
  const users = (await readFile("/etc/passwd", "utf8")).split("\n").map((line) => line.split(":"));
  const user = users.find(([name]) => name === "postgres") ?? users.find(([name]) => name === "nobody");
  if (user === undefined) throw new Error("PostgreSQL does not run as root, and there is no user postgres or nobody");
  return { uid: Number(user[2]), gid: Number(user[3]) };
}

async function ready(server: ChildProcess): Promise<void> {
  const lines: string[] = [];
  if (server.stderr === null) throw new Error("PostgreSQL has no output");
  const output = createInterface(server.stderr);
  await new Promise<void>((resolve) => {
    output.on("line", (line) => {
      lines.push(line);
      if (line.includes("ready to accept connections")) resolve();
    });
    output.once("close", resolve);
  });
  if (server.exitCode === null) return;
  throw new Error(`PostgreSQL did not start: ${lines.join("\n")}`);
}

/** Starts a new cluster in a folder, on a socket there and nowhere else, with its own defaults: fsync, full pages, 128 MB of buffers. */
export async function startPostgres(bin: string, folder: string): Promise<Postgres> {
  const user = await unprivileged();
  if (user !== null) await chown(folder, user.uid, user.gid);
  const as = { cwd: folder, ...user, env: { PATH: process.env["PATH"], LC_ALL: "C" } };
  const data = join(folder, "data");
  await promisify(execFile)(join(bin, "initdb"), ["-D", data, "-U", "bench", "-A", "trust", "-E", "UTF8", "--no-locale"], as);
  const server = spawn(join(bin, "postgres"), ["-D", data, "-k", folder, "-c", "listen_addresses="], { ...as, stdio: ["ignore", "ignore", "pipe"] });
  const exit = once(server, "exit");
  const end = (): boolean => server.kill("SIGINT");
  process.once("exit", end);
  await ready(server);
  return {
    url: (lazy) => `postgresql://bench@localhost/postgres?host=${encodeURIComponent(folder)}${lazy === undefined ? "" : `&options=${encodeURIComponent("-c synchronous_commit=off")}`}`,
    async stop() {
      // Clients that are on their way out may go; whoever stays is cut off.
      server.kill("SIGTERM");
      const timer = setTimeout(end, patience);
      await exit;
      clearTimeout(timer);
      process.off("exit", end);
    },
  };
}
