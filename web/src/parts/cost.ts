import type { Instance } from "#client/schema.ts";
import { html } from "../html.ts";
import { grown, micros, money, shown } from "../money.ts";
import { useNow } from "../time.ts";

/** A cost: the exact amount, counting up by its rate while the clock runs. */
export function Cost({ amount, rate, at, currency }: { amount: unknown; rate: unknown; at: number; currency: string }) {
  const runs = micros(rate) > 0n;
  const now = useNow(runs);
  if (!runs) return html`<span class="money">${money(amount, currency)}</span>`;
  return html`<span class="money ticking">${shown(micros(amount) + grown(rate, now - at), 6, currency)}</span>`;
}

/** The whole cost of an instance. */
export const TotalCost = ({ of, at }: { of: Instance["billing_info"]; at: number }) =>
  html`<${Cost} amount=${of.total_cost} rate=${of.rate_per_hour} at=${at} currency=${of.currency} />`;

/** What an instance costs this month, beside the whole month. */
export function MonthShare({ of, at, month }: { of: Instance["billing_info"]; at: number; month: bigint }) {
  const now = useNow(micros(of.rate_per_hour) > 0n);
  const own = micros(of.current_month_cost) + grown(of.rate_per_hour, now - at);
  const percent = month <= 0n ? 0 : Math.min(100, Number((own * 1000n) / month) / 10);
  return html`<span class="share">
    <span class="money">${shown(own, micros(of.rate_per_hour) > 0n ? 6 : 2, of.currency)}</span>
    <meter min="0" max="100" value=${percent} aria-label="Share of this month's cost">${percent} %</meter>
    <span class="quiet">${percent.toFixed(0)} % of the month</span>
  </span>`;
}
