import { type Figure, table } from "./support/figure.ts";

/** Every bench in the order that they run in; those that take minutes, or need what is not here, run when asked for. */
const benches = ["event-store", "commands", "warm-stream", "execute", "audit", "catch-up", "live"];
const long = ["memory", "peer"];

const wanted = process.argv.slice(2);
const named = wanted.filter((name) => !name.startsWith("--"));
const unknown = [...named.filter((name) => ![...benches, ...long].includes(name)), ...wanted.filter((name) => name.startsWith("--") && name !== "--long")];
if (unknown.length > 0) {
  console.error(`There is no ${unknown.join(", ")}; npm run bench -- [${[...benches, ...long].join(" ")}] [--long]`);
  process.exit(2);
}
const figures: Figure[] = [];
for (const name of named.length > 0 ? named : [...benches, ...(wanted.includes("--long") ? long : [])]) {
  console.error(`${name} ...`);
  const { run } = await import(`./${name}.ts`) as { run: () => Promise<Figure[]> };
  figures.push(...await run());
}
if (figures.length > 0) console.log(`\n${table(figures)}`);
