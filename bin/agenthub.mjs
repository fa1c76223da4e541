#!/usr/bin/env node
// Any Node may start this: one that is too old hands over to the Node that npm installed beside us.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const enough = Number(process.versions.node.split(".")[0]) >= 24;
const win = process.platform === "win32";

function installedNode() {
  const arch = `${win ? "win" : process.platform}-${process.arch}`;
  const name = arch === "darwin-arm64" ? `node-bin-${arch}` : `node-${arch}`;
  try {
    const exe = join(dirname(createRequire(import.meta.url).resolve(`${name}/package.json`)), "bin", win ? "node.exe" : "node");
    return existsSync(exe) ? exe : undefined;
  } catch {
    return undefined;
  }
}

function end(message) {
  process.stderr.write(`agenthub: ${message}\n`);
  process.exit(1);
}

const built = new URL("../dist/js/cli.js", import.meta.url);
const source = new URL("../src/cli/main.ts", import.meta.url);
// What a checkout needs is all there when its last part is: npm writes this file at the end.
const installed = !existsSync(source) || existsSync(new URL("../node_modules/.package-lock.json", import.meta.url));

async function start() {
  // A package holds dist/, since Node strips no types under node_modules; a checkout runs its source.
  const { main } = await import(existsSync(source) ? source : built);
  await main();
}

if (!installed) {
  end("nothing is installed here yet; `npm start` does it and starts the marketplace");
} else if (enough) {
  await start();
} else {
  const node = installedNode();
  if (node === undefined) end(`needs Node 24 or later; this is ${process.version}`);
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: "inherit" });
  for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  process.on("SIGINT", () => {}); // a terminal's Ctrl-C reaches the child by itself
  child.on("exit", (code, signal) => (signal ? process.kill(process.pid, signal) : process.exit(code ?? 1)));
}
