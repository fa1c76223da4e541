/** One ratio of one run, with what it is held against. */
export interface Figure {
  readonly name: string;
  readonly unit: string;
  readonly ours: number;
  readonly bare: number;
  /** Ours against the bare thing, the median over the rounds. */
  readonly ratio: number;
  /** The lowest and the highest ratio of a round, where there were several. */
  readonly spread?: readonly number[];
  readonly target: number;
  /** Whether the ratio must stay below the target; else it must reach it. */
  readonly atMost: boolean;
}

/** Two things to measure beside each other. */
export interface Comparison {
  readonly name: string;
  readonly unit: string;
  readonly target: number;
  readonly atMost?: boolean;
  readonly rounds?: number;
  readonly ours: (round: number) => Promise<number> | number;
  readonly bare: (round: number) => Promise<number> | number;
}

/** The middle of some values. */
function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

/**
 * Measures both in turns, each first in every other round, so that a machine that slows down slows both. One round before
 * them warms up and is not counted. The ratio is the median of the rounds' ratios.
 */
export async function compare({ name, unit, target, atMost = false, rounds = 5, ours, bare }: Comparison): Promise<Figure> {
  const pairs: { ours: number; bare: number }[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    const pair = { ours: 0, bare: 0 };
    const order = round % 2 === 0 ? (["bare", "ours"] as const) : (["ours", "bare"] as const);
    for (const which of order) pair[which] = await (which === "ours" ? ours : bare)(round);
    if (round > 0) pairs.push(pair);
  }
  const ratios = pairs.map((pair) => pair.ours / pair.bare);
  return {
    name, unit, target, atMost, ratio: median(ratios), spread: [Math.min(...ratios), Math.max(...ratios)],
    ours: median(pairs.map((pair) => pair.ours)), bare: median(pairs.map((pair) => pair.bare)),
  };
}

/** How often something happened in a second. */
export async function perSecond(work: () => Promise<number> | number): Promise<number> {
  const start = performance.now();
  const count = await work();
  return count / ((performance.now() - start) / 1000);
}

/** Whether a figure meets its target. */
const met = ({ ratio, target, atMost }: Figure): boolean => (atMost ? ratio <= target : ratio >= target);

const number = (value: number): string => (value >= 100 ? Math.round(value).toLocaleString("en") : value.toPrecision(3));

/** Figures as a table. */
export function table(figures: readonly Figure[]): string {
  const rows = [
    ["figure", "ours", "beside", "unit", "ratio", "rounds", "target", ""],
    ...figures.map((figure) => [
      figure.name, number(figure.ours), number(figure.bare), figure.unit, figure.ratio.toFixed(2), (figure.spread ?? []).map((ratio) => ratio.toFixed(2)).join("-"),
      `${figure.atMost ? "<=" : ">="} ${figure.target}`, met(figure) ? "met" : "NOT MET",
    ]),
  ];
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ").trimEnd()).join("\n");
}

/** Prints the figures of a file that was run by itself. */
export async function alone(run: () => Promise<Figure[]>): Promise<void> {
  console.log(table(await run()));
}
