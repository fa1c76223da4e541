/** `npm pack` (prepack): builds dist/js (or the folder named), since Node strips no types under node_modules. */
import { globSync, readFileSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const outdir = process.argv[2] ?? "dist/js";
process.chdir(fileURLToPath(new URL("..", import.meta.url)));

// A worker is loaded by address: it is a file of its own beside the one that names it, there under another ending.
const address = /new URL\("\.\/([\w-]+)\.ts", import\.meta\.url\)/g;
const workers = globSync("src/**/*.ts").flatMap((file) =>
  [...readFileSync(file, "utf8").matchAll(address)].map(([, name]) => join(file, "..", `${name}.ts`)));
const readdressed = {
  name: "workers",
  setup: ({ onLoad }) => onLoad({ filter: /[\\/]src[\\/].*\.ts$/ }, ({ path }) =>
    ({ contents: readFileSync(path, "utf8").replace(address, 'new URL("./$1.js", import.meta.url)'), loader: "ts" })),
};

rmSync(outdir, { recursive: true, force: true });
await build({
  entryPoints: {
    cli: "src/cli/main.ts", main: "src/app/main.ts", client: "src/client/client.ts",
    ...Object.fromEntries(workers.map((file) => [basename(file, ".ts"), file])),
  },
  // As deep below the package's root as a source file's folder: what is found from there is found from here.
  outdir, chunkNames: "chunk-[hash]",
  bundle: true, splitting: true, format: "esm", platform: "node", target: "node24", packages: "external", plugins: [readdressed], logLevel: "warning",
});
