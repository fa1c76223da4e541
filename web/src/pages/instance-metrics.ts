import type { Sample } from "#client/schema.ts";
import { html } from "../html.ts";
import { useSamples } from "../instances.ts";
import { LineChart, type Point } from "../parts/charts.ts";
import { Empty } from "../parts/problem.ts";

const mebibytes = (bytes: number): string => `${(bytes / 1_048_576).toFixed(1)} MiB`;

/** An instance's figures over the last hour. */
export function MetricsCharts({ id, live }: { id: string; live: readonly Sample[] }) {
  const samples = useSamples(id, live);
  if (samples.length === 0) return html`<${Empty} title="Nothing was measured yet."><p>A running instance is measured every half minute; figures appear here as they come.</p><//>`;
  const points = (of: (sample: Sample) => number | null): Point[] => samples.flatMap((sample) => {
    const value = of(sample);
    return value === null ? [] : [{ at: Date.parse(sample.at), value }];
  });
  return html`<div class="charts">
    <${LineChart} title="CPU" points=${points((sample) => sample.cpu_percent)} text=${(value: number) => `${value.toFixed(1)} %`} />
    <${LineChart} title="Memory" points=${points((sample) => sample.memory_bytes)} text=${mebibytes} />
    <${LineChart} title="Health check" points=${points((sample) => sample.response_ms)} text=${(value: number) => `${value.toFixed(0)} ms`} />
  </div>`;
}
