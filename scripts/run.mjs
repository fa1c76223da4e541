// scripts/run.mjs: node scripts/run.mjs [node options] <file> [args]
import { spawn, spawnSync } from "node:child_process";
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const modules = join(root, "node_modules");
const bin = join(modules, ".bin");
const win = process.platform === "win32";
const fail = (message) => { console.error(`agenthub: ${message}`); process.exit(1); };
const packages = (file) => { try { return JSON.parse(readFileSync(file, "utf8")).packages; } catch { return {}; } };

function installed() {
  const have = packages(join(modules, ".package-lock.json"));
  return Object.entries(packages(join(root, "package-lock.json"))).every(([path, want]) =>
    path === "" || (have[path] ? have[path].integrity === want.integrity : want.optional));
}
const lock = join(root, ".cache", "install.lock");
const sleep = (ms) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
const isStale = () => { try { return Date.now() - statSync(lock).mtimeMs > 600_000; } catch { return false; } };
function install() { // one at a time: `npm ci` begins by emptying node_modules
  mkdirSync(join(root, ".cache"), { recursive: true });
  for (;;) {
    try { mkdirSync(lock); break; } catch { if (isStale()) rmSync(lock, { recursive: true, force: true }); }
    sleep(500);
  }
  try { if (!installed()) npmCi(); } finally { rmSync(lock, { recursive: true, force: true }); }
}
function npmCi() {
  console.error("agenthub: installing dependencies (npm ci) ...");
  const npm = process.env.npm_execpath;
  const [cmd, args] = npm?.endsWith("js") ? [process.execPath, [npm]] : ["npm", []];
  const { status } = spawnSync(cmd, [...args, "ci", "--ignore-scripts", "--loglevel=error"],
    { cwd: root, stdio: ["ignore", 2, 2], shell: win && cmd === "npm" });
  if (status !== 0) { rmSync(lock, { recursive: true, force: true }); fail("npm ci failed"); }
}
function pinnedNode() {
  const arch = `${win ? "win" : process.platform}-${process.arch}`;
  const exe = join("node_modules", arch === "darwin-arm64" ? `node-bin-${arch}` : `node-${arch}`, "bin", win ? "node.exe" : "node");
  if (!existsSync(join(root, exe))) return undefined;
  const link = join(bin, win ? "node.exe" : "node"); // npm ci before 11.6.2 leaves it out
  if (!existsSync(link)) {
    mkdirSync(bin, { recursive: true });
    if (win) linkSync(join(root, exe), link); else symlinkSync(join("..", "..", exe), link);
  }
  return join(root, exe);
}

if (!installed()) install();
const node = pinnedNode() ?? process.execPath;
if (node === process.execPath && Number(process.versions.node.split(".")[0]) < 24)
  fail(`needs Node >= 24: npm has none for ${process.platform}-${process.arch} and this is ${process.version}`);
const child = spawn(node, process.argv.slice(2),
  { stdio: "inherit", env: { ...process.env, PATH: bin + delimiter + process.env.PATH } });
for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
process.on("SIGINT", () => {}); // a terminal's Ctrl-C reaches the child by itself
child.on("exit", (code, signal) => (signal ? process.kill(process.pid, signal) : process.exit(code ?? 1)));
