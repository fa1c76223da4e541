import { setTimeout as delay } from "node:timers/promises";
import type { Command } from "commander";
import { usageError } from "./exit.ts";
import type { Io } from "./io.ts";
import { whole } from "./option-values.ts";
import type { Output } from "./output.ts";

/** The flag of commands that can be shown again and again. */
export interface WatchFlags { readonly watch?: number | true }

/** Adds `--watch`. */
export const watchOptions = (command: Command): Command =>
  command.option("--watch [seconds]", "show it again every so many seconds (default 2) until interrupted", whole(1, 3600));

/** Shows once, or again and again on a cleared screen. */
export async function repeat(io: Io, out: Output, { watch }: WatchFlags, show: () => Promise<void>): Promise<void> {
  if (watch === undefined) return show();
  if (out.json) throw usageError("--watch shows a screen; for a stream of JSON use `agenthub instance-watch --json`");
  for (;;) {
    if (io.terminal.output) io.write("\u001b[H\u001b[2J");
    await show();
    try {
      await delay((watch === true ? 2 : watch) * 1000, undefined, { signal: io.signal });
    } catch {
      return; // an interrupt is how one stops watching
    }
  }
}
