import { createHash } from "node:crypto";
import { createWriteStream, existsSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { resolve } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import type { Verb } from "../cli.ts";
import { CliError, exitCodes } from "../exit.ts";

interface Flags { readonly output?: string; readonly force?: boolean }

const shorter = () => new CliError(exitCodes.failed, "the export broke off before its last line", { hint: "Run it again; what was written is not a whole export." });

/** Passes lines on; fails unless the last of them counts and hashes all before it. */
async function* whole(lines: AsyncIterable<string>, onLine: (count: number) => void): AsyncGenerator<string> {
  const hash = createHash("sha256");
  let count = 0;
  let last = "";
  for await (const line of lines) {
    if (count > 0) hash.update(last).update("\n");
    last = line;
    count += 1;
    onLine(count);
    yield `${line}\n`;
  }
  if (!last.includes(`"sha256":"${hash.digest("hex")}"`)) throw shorter();
}

/** `agenthub export`: everything that an installation is, as JSON Lines: to move it to other stores, or to keep it. */
export const exportVerb: Verb = (cli) => {
  cli.verb("export", "Write the whole installation, events and sealed secrets, as JSON Lines: to move it or to keep it", [
    "agenthub export --output agenthub.jsonl.gz", "agenthub export > agenthub.jsonl",
  ])
    .option("--output <file>", "the file (default: standard output); .gz compresses it")
    .option("--force", "overwrite the file")
    .action(cli.as<Flags>("operator", async ({ client, flags: { output, force }, io, out, wait }) => {
      let count = 0;
      const lines = (say: (label: string) => void) => whole(client.exportLines(), (n) => {
        count = n;
        if (n % 1000 === 0) say(`Exporting (${n} lines)`);
      });
      if (output === undefined) {
        for await (const line of lines(() => undefined)) io.write(line);
        return;
      }
      const path = resolve(io.cwd, output);
      if (existsSync(path) && force !== true) throw new CliError(exitCodes.conflict, `${output} exists`, { hint: "Add --force to overwrite it." });
      await wait("Exporting", async (say) => {
        const file = createWriteStream(`${path}.part`, { mode: 0o600 });
        try {
          await pipeline(Readable.from(lines(say)), ...(output.endsWith(".gz") ? [createGzip()] : []), file, { signal: io.signal });
        } catch (error) {
          await rm(`${path}.part`, { force: true });
          throw error instanceof TypeError ? shorter() : error; // fetch calls a body that breaks off a TypeError
        }
        await rename(`${path}.part`, path); // a file under its own name is a whole one
      });
      out.show({ output: path, lines: count }, () =>
        `Wrote ${count} lines to ${output}. Its secrets open with this installation's secret key alone (secret_key in credentials.json): keep that, too.\n`);
    }));
};
