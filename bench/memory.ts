import { alone, type Figure } from "./support/figure.ts";
import { inFolder } from "./support/folder.ts";
import { startProcess } from "./support/processes.ts";

const megabyte = 2 ** 20;

interface Held {
  readonly heap: number;
  readonly resident: number;
}

/** What a long log costs the memory of a process that writes and projects it. Takes some minutes. */
export const run = (): Promise<Figure[]> => inFolder(async (folder) => {
  const { said: [early, late], stop } = await startProcess<readonly Held[]>("heap", { args: [folder] });
  await stop();
  if (early === undefined || late === undefined) throw new Error("the heap was not measured twice");
  const figure = (what: string, of: (held: Held) => number): Figure => ({
    name: `${what} at 1,000,000 events, beside that at 200,000`, unit: "MB", target: 1.1, atMost: true,
    ours: of(late) / megabyte, bare: of(early) / megabyte, ratio: of(late) / of(early),
  });
  return [figure("heap", ({ heap }) => heap), figure("resident memory", ({ resident }) => resident)];
});

if (import.meta.main) await alone(run);
