/** `npm run check [types lint arrows leftovers web]`: everything that needs no running program. */
import { spawnSync } from "node:child_process";
import { existsSync, globSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
process.chdir(root);

function tool(name, bin, ...args) {
  const file = join("node_modules", name, bin);
  const { status, error } = spawnSync(process.execPath, [file, ...args], { stdio: "inherit" });
  if (error) console.error(`${name}: ${error.message}`);
  return status === 0;
}

function types() {
  return tool("typescript", "bin/tsc", "--project", "tsconfig.json");
}

function lint() {
  return tool("oxlint", "bin/oxlint", "--type-aware", "--deny-warnings", "--no-error-on-unmatched-pattern", "src", "test", "bench", "scripts", "web");
}

async function arrows() {
  const { cruise } = await import("dependency-cruiser");
  const { ruleSet, options } = await import("./arrows.mjs");
  const trees = ["src", "test"].filter((tree) => globSync(`${tree}/**/*.ts`).length > 0);
  const { output } = await cruise(trees, { ruleSet, validate: true, ...options });
  for (const { rule, from, to } of output.summary.violations) console.error(`${rule.name}: ${from} -> ${to}`);
  // A cruise that reads nothing finds nothing wrong.
  const cruised = new Set(output.modules.map((module) => module.source));
  const missed = globSync("{src,test}/**/*.ts").filter((file) => !cruised.has(file.replaceAll("\\", "/")));
  for (const file of missed) console.error(`not examined: ${file}`);
  return missed.length === 0 && output.summary.error === 0;
}

function leftovers() {
  if (!existsSync("src/app/main.ts")) return true; // nothing is reachable before there is a place to start from
  return tool("knip", "bin/knip.js", "--no-progress", "--no-config-hints");
}

function web() {
  return tool("typescript", "bin/tsc", "--project", "web/tsconfig.json");
}

const checks = { types, lint, arrows, leftovers, web };
const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !(name in checks));
if (unknown.length > 0) {
  console.error(`unknown check: ${unknown.join(", ")}; there are ${Object.keys(checks).join(", ")}`);
  process.exit(2);
}

let failed = false;
for (const name of asked.length > 0 ? asked : Object.keys(checks)) {
  const start = performance.now();
  const passed = await checks[name]();
  failed ||= !passed;
  console.log(`${passed ? "ok    " : "FAILED"} ${name} (${((performance.now() - start) / 1000).toFixed(1)} s)`);
}
process.exitCode = failed ? 1 : 0;
