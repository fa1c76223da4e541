import { lifetimeCharge, monthCharge } from "#domain/billing/cost.ts";
import { monthOf } from "#domain/kernel/time.ts";
import type { MetricSample } from "#reactions/ports.ts";
import { type ActivityDocument, activityView } from "./activity.ts";
import { type Amounts, addAmounts, noAmounts } from "./charges.ts";
import type { InstanceDocument } from "./instances.ts";
import { instanceView, uptimeSeconds } from "./instance-view.ts";
import { money } from "./money.ts";

/** Sums over an account's instances, one instance at a time, so that no list of them is held. */
export class DashboardTotals {
  readonly #now: string;
  #counts = { total: 0, running: 0, paused: 0, failed: 0, stopped: 0 };
  #lifetime: Amounts = noAmounts;
  #month: Amounts = noAmounts;
  #uptime = 0;
  #tasks = 0;
  #usage = { cpu_usage: 0, memory_bytes: 0, network_usage: 0 };

  constructor(now: string) {
    this.#now = now;
  }

  /** Adds an instance with its latest sample. */
  add(document: InstanceDocument, sample: MetricSample | null): void {
    const { meter, request: { price }, status, tasks } = document;
    // A creation that was refused never was an instance to its customer.
    if (status !== "rejected") this.#counts.total += 1;
    if (status === "running" || status === "paused" || status === "failed" || status === "stopped") this.#counts[status] += 1;
    this.#lifetime = addAmounts(this.#lifetime, lifetimeCharge(meter, price, this.#now));
    this.#month = addAmounts(this.#month, monthCharge(meter, price, monthOf(this.#now), this.#now));
    this.#uptime += uptimeSeconds(document, this.#now);
    this.#tasks += Object.values(tasks).reduce((sum, count) => sum + count, 0);
    if (status !== "running" || sample === null) return;
    this.#usage.cpu_usage += sample.cpu_percent ?? 0;
    this.#usage.memory_bytes += sample.memory_bytes ?? 0;
    this.#usage.network_usage += (sample.network_rx_bytes ?? 0) + (sample.network_tx_bytes ?? 0);
  }

  /** The totals as the dashboard shows them. */
  view(currency: string) {
    const { total, running, paused, failed, stopped } = this.#counts;
    return {
      summary: {
        total_instances: total, running_instances: running, paused_instances: paused, failed_instances: failed, stopped_instances: stopped,
        total_cost: money(this.#lifetime.total), total_uptime_hours: Math.round((this.#uptime / 3600) * 1e6) / 1e6,
      },
      billing: { current_month_cost: money(this.#month.total), currency },
      resource_usage: { ...this.#usage, task_count: this.#tasks, uptime: this.#uptime },
    };
  }
}

/** What a dashboard is made of. */
export interface DashboardParts {
  readonly customer_id: string;
  readonly currency: string;
  readonly now: string;
  readonly totals: DashboardTotals;
  /** The most recently changed first. */
  readonly recent: readonly { readonly document: InstanceDocument; readonly sample: MetricSample | null }[];
  /** The latest first. */
  readonly activity: readonly ActivityDocument[];
}

/** A customer's dashboard. */
export const dashboardView = ({ customer_id, currency, now, totals, recent, activity }: DashboardParts) => ({
  ...totals.view(currency),
  recent_instances: recent.map(({ document, sample }) => instanceView(document, now, sample)),
  recent_activity: activity.map(activityView),
  customer_id,
});
