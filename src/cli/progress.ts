import { duration } from "./format.ts";
import type { Io } from "./io.ts";

const frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

/** Says what is waited for once it takes longer than a second: on a terminal's standard error only. */
export async function progress<T>(io: Io, label: string, work: (say: (label: string) => void) => Promise<T>): Promise<T> {
  let text = label;
  if (!io.terminal.errors || io.env["TERM"] === "dumb") return await work((next) => { text = next; });
  const start = performance.now();
  let shown = 0;
  const timer = setInterval(() => {
    const seconds = (performance.now() - start) / 1000;
    if (seconds < 1) return;
    io.writeError(`\r\u001b[K${frames[shown++ % frames.length]} ${text} ... ${duration(seconds)}`);
  }, 120);
  timer.unref();
  try {
    return await work((next) => { text = next; });
  } finally {
    clearInterval(timer);
    if (shown > 0) io.writeError("\r\u001b[K");
  }
}
