import { alone, type Figure } from "./support/figure.ts";
import { inFolder } from "./support/folder.ts";
import { startProcess } from "./support/processes.ts";

const megabyte = 2 ** 20;

/** What a long log costs the memory of a process that projects it. Takes several minutes. */
export const run = (): Promise<Figure[]> => inFolder(async (folder) => {
  const { said: [early = 0, late = 0], stop } = await startProcess<readonly number[]>("heap", { args: [folder] });
  await stop();
  return [{
    name: "heap at 1,000,000 events, beside that at 200,000", unit: "MB", ours: late / megabyte, bare: early / megabyte, ratio: late / early, target: 1.1, atMost: true,
  }];
});

if (import.meta.main) await alone(run);
