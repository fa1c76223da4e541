import { createReadStream, statSync } from "node:fs";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { createGunzip } from "node:zlib";
import type { Verb } from "../cli.ts";
import { CliError, exitCodes } from "../exit.ts";
import { percent } from "../format.ts";
import { progress } from "../progress.ts";
import { dataDir } from "../settings.ts";

/** A file's lines. It is opened when they are asked for: what a line reader reads before anybody listens is lost. */
async function* linesOf(path: string, signal: AbortSignal, onBytes: (bytes: number) => void): AsyncGenerator<string> {
  const file = createReadStream(path, { signal });
  const input = path.endsWith(".gz") ? file.pipe(createGunzip()) : file;
  if (input !== file) file.on("error", (error) => input.destroy(error));
  for await (const line of createInterface({ input, crlfDelay: Infinity })) {
    onBytes(file.bytesRead);
    yield line;
  }
}

/** `agenthub import`: brings an export into empty stores; an import that broke off goes on. */
export const importVerb: Verb = (cli) => {
  cli.verb("import", "Bring an export into empty stores, before their first start; every id, time and bill stays what it was", [
    "AGENTHUB_SECRET_KEY=... agenthub import agenthub.jsonl.gz",
    "AGENTHUB_SECRET_KEY=... AGENTHUB_EVENT_STORE=esdb://localhost:2113?tls=false AGENTHUB_READ_MODELS=mongodb://localhost:27017/agenthub agenthub import agenthub.jsonl",
  ])
    .argument("<file>", "the file of `agenthub export`; .gz is read as it is")
    .addHelpText("after", "\nAGENTHUB_SECRET_KEY must be the secret_key of the installation that exported (in its credentials.json). The server must not run.\nAn import that broke off is run again and goes on.")
    .action(cli.local(async ({ io, out, application }, file = "") => {
      const path = resolve(io.cwd, file);
      const size = statSync(path, { throwIfNoEntry: false })?.size;
      if (size === undefined) throw new CliError(exitCodes.notFound, `there is no file ${file}`);
      let read = 0;
      const lines = linesOf(path, io.signal, (bytes) => { read = bytes; });
      const result = await progress(io, "Importing", (say) =>
        application.import({ AGENTHUB_LOG_LEVEL: "error", ...io.env, AGENTHUB_DATA_DIR: dataDir(io) }, lines, (events) => say(`Importing (${events} events, ${percent(read / Math.max(1, size)) ?? ""})`)));
      out.show(result, () => out.fields({ Events: result.events, "There before": result.already, "Secrets and results": result.system }));
    }));
};
