import type { Sample } from "#client/schema.ts";
import { html } from "../html.ts";

const height = 160;
const left = 8;
const barStep = 76;

/** Health at a glance: a bar for each check, as high as the answer took long; what failed is marked. */
export function Sparkline({ samples }: { samples: readonly Sample[] }) {
  if (samples.length === 0) return html`<span class="quiet">no checks yet</span>`;
  const shown = samples.slice(-30);
  const slowest = Math.max(1, ...shown.map(({ response_ms }) => response_ms ?? 0));
  const healthy = shown.filter((sample) => sample.healthy).length;
  return html`<svg class="spark" viewBox="0 0 120 24" role="img" aria-label=${`Healthy in ${healthy} of the last ${shown.length} checks`}>
    <line class="base" x1="0" x2="120" y1="23.5" y2="23.5" />
    ${shown.map((sample, at) => {
      const high = sample.healthy ? 4 + (18 * (sample.response_ms ?? 0)) / slowest : 22;
      return html`<rect class=${sample.healthy ? "ok" : "ill"} x=${at * 4} y=${23 - high} width="3" height=${high} rx="1" />`;
    })}
  </svg>`;
}

/** A figure over time. */
export interface Point {
  readonly at: number;
  readonly value: number;
}

/** A line over time with its least and greatest figure. */
export function LineChart({ title, points, text }: { title: string; points: readonly Point[]; text: (value: number) => string }) {
  const width = 400;
  const last = points.at(-1);
  if (last === undefined) return html`<figure><figcaption>${title}</figcaption><p class="quiet">Nothing was measured yet.</p></figure>`;
  const values = points.map(({ value }) => value);
  const most = Math.max(...values);
  const [start, stop] = [points[0]?.at ?? 0, Math.max(last.at, (points[0]?.at ?? 0) + 1)];
  const x = (at: number) => left + ((width - 2 * left) * (at - start)) / (stop - start);
  const y = (value: number) => height - 12 - ((height - 28) * value) / (most === 0 ? 1 : most);
  const line = points.map(({ at, value }) => `${x(at).toFixed(1)},${y(value).toFixed(1)}`).join(" ");
  return html`<figure>
    <figcaption>${title} <strong>${text(last.value)}</strong></figcaption>
    <svg class="chart" viewBox=${`0 0 ${width} ${height}`} role="img" aria-label=${`${title}: now ${text(last.value)}, at most ${text(most)}, ${points.length} samples`}>
      <line class="grid" x1=${left} x2=${width - left} y1=${y(0)} y2=${y(0)} /><line class="grid" x1=${left} x2=${width - left} y1=${y(most)} y2=${y(most)} />
      <text x=${left} y="11">${text(most)}</text>
      ${points.length === 1 ? html`<circle class="dot" cx=${x(last.at)} cy=${y(last.value)} r="3" />` : html`<polyline class="line" points=${line} />`}
    </svg>
  </figure>`;
}

/** A bar of what adds up. */
export interface Bar {
  readonly name: string;
  readonly label: string;
  readonly parts: readonly number[];
}

/** Bars side by side, each stacked of the same parts. */
export function BarChart({ title, bars, legend }: { title: string; bars: readonly Bar[]; legend: readonly string[] }) {
  const sums = bars.map(({ parts }) => parts.reduce((sum, part) => sum + part, 0));
  const most = Math.max(...sums, 0) || 1;
  const width = Math.max(260, 2 * left + bars.length * barStep);
  const scale = (value: number) => ((height - 44) * value) / most;
  return html`<figure>
    <figcaption>${title}</figcaption>
    <svg class="chart" width=${width} height=${height} viewBox=${`0 0 ${width} ${height}`} role="img" aria-label=${`${title}: ${bars.map(({ name, label }) => `${name} ${label}`).join(", ")}`}>
      <line class="grid" x1=${left} x2=${width - left} y1=${height - 22} y2=${height - 22} />
      ${bars.map((bar, at) => {
        let top = height - 22;
        const x = left + at * barStep + barStep * 0.15;
        return html`<g key=${bar.name}>
          ${bar.parts.map((part, which) => { top -= scale(part); return html`<rect class=${`part part-${which}`} x=${x} y=${top} width=${barStep * 0.7} height=${scale(part)} />`; })}
          <text x=${x + barStep * 0.35} y=${top - 5} text-anchor="middle">${bar.label}</text>
          <text x=${x + barStep * 0.35} y=${height - 7} text-anchor="middle">${bar.name}</text>
        </g>`;
      })}
    </svg>
    <ul class="legend">${legend.map((name, which) => html`<li key=${name}><span class=${`swatch part-${which}`}></span>${name}</li>`)}</ul>
  </figure>`;
}
