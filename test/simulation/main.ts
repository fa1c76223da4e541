import { parseArgs } from "node:util";
import { breakages, type BreakageName } from "./breakage.ts";
import { simulate } from "./simulate.ts";

const usage = `usage: npm run simulate -- [--seed N] [--seeds COUNT] [--steps M] [--break ${breakages.join("|")}] [--trace]`;

function fail(words: string): never {
  console.error(`${words}\n${usage}`);
  process.exit(2);
}

function whole(name: string, text: string): number {
  const value = Number(text);
  return Number.isSafeInteger(value) && value > 0 ? value : fail(`--${name} must be a whole number above 0, not ${text}`);
}

function options() {
  try {
    const { values } = parseArgs({ options: {
      seed: { type: "string", default: "1" }, seeds: { type: "string", default: "1" }, steps: { type: "string", default: "400" }, break: { type: "string" }, trace: { type: "boolean", default: false },
    } });
    if (values.break !== undefined && !(breakages as readonly string[]).includes(values.break)) fail(`--break does not know ${values.break}`);
    return {
      seed: whole("seed", values.seed), seeds: whole("seeds", values.seeds), steps: whole("steps", values.steps), trace: values.trace,
      breakage: (values.break ?? null) as BreakageName | null,
    };
  } catch (error) {
    return fail((error as Error).message);
  }
}

const { seed: first, seeds, steps, trace, breakage } = options();
let failed = 0;
for (let seed = first; seed < first + seeds; seed += 1) {
  const began = Date.now();
  const progress = process.stderr.isTTY;
  const findings = await simulate({
    seed, steps, breakage, ...(trace ? { onLine: (line: string) => { console.log(line); } } : {}),
    onStep: (step) => { if (progress && step % 20 === 0) process.stderr.write(`\rseed ${seed}: step ${step} of ${steps} `); },
  });
  if (progress) process.stderr.write("\r\u001b[K");
  const { problems, step, events, processes, digest } = findings;
  const summary = `seed ${seed}: ${steps} steps, ${events} events, ${processes} processes, ${((Date.now() - began) / 1000).toFixed(1)} s, log ${digest.slice(0, 12)}`;
  if (problems.length === 0) { console.log(`ok     ${summary}`); continue; }
  failed += 1;
  console.log(`FAILED ${summary}, at step ${step}`);
  if (!trace) for (const line of findings.trace) console.log(`       ${line}`);
  for (const line of findings.evidence) console.log(`       ${line}`);
  for (const problem of problems.slice(0, 20)) console.log(`   !!  ${problem}`);
  console.log(`       again: npm run simulate -- --seed ${seed} --steps ${steps}${breakage === null ? "" : ` --break ${breakage}`}`);
}
if (seeds > 1) console.log(`${seeds - failed} of ${seeds} seeds hold`);
process.exitCode = failed === 0 ? 0 : 1;
