import { lifetimeCharge, monthCharge } from "#domain/billing/cost.ts";
import { monthOf } from "#domain/kernel/time.ts";
import type { MetricSample } from "#reactions/ports.ts";
import { type ActivityDocument, activityView } from "./activity.ts";
import { life } from "./charges.ts";
import { customerSum, taskCount } from "./instance-sums.ts";
import { type InstanceDocument, instances } from "./instances.ts";
import { instanceView, uptimeMs } from "./instance-view.ts";
import { money } from "./money.ts";
import type { Reader } from "./reader.ts";
import { openIn, readSums } from "./read-sums.ts";
import { type SumDocument, Tally } from "./sums.ts";

/** Sums over an account's instances, so that no list of them is held. */
export class DashboardTotals {
  readonly #now: string;
  readonly #tally = new Tally();
  #usage = { cpu_usage: 0, memory_bytes: 0, network_usage: 0 };

  constructor(now: string) {
    this.#now = now;
  }

  /** Adds an instance with its latest sample. */
  add(document: InstanceDocument, sample: MetricSample | null): void {
    const { meter, request: { price }, status, tasks } = document;
    const month = monthOf(this.#now);
    this.#tally.add({
      [life]: {
        instances: 1n, [`status ${status}`]: 1n, clock_ms: BigInt(uptimeMs(document, this.#now)), admitted: BigInt(taskCount(tasks)),
        total: lifetimeCharge(meter, price, this.#now).total,
      },
      [month]: { total: monthCharge(meter, price, month, this.#now).total },
    });
    if (status !== "running" || sample === null) return;
    this.#usage.cpu_usage += sample.cpu_percent ?? 0;
    this.#usage.memory_bytes += sample.memory_bytes ?? 0;
    this.#usage.network_usage += (sample.network_rx_bytes ?? 0) + (sample.network_tx_bytes ?? 0);
  }

  /** Adds instances that were added up before; their samples are of the past. */
  addSum({ figures: { open: _open, sums: _sums, ...figures } }: SumDocument): void {
    this.#tally.add(figures);
  }

  /** The totals as the dashboard shows them. */
  view(currency: string) {
    const figure = (name: string) => Number(this.#tally.of(life, name));
    const uptime = figure("clock_ms") / 1000;
    return {
      summary: {
        // A creation that was refused never was an instance to its customer.
        total_instances: figure("instances") - figure("status rejected"), running_instances: figure("status running"), paused_instances: figure("status paused"),
        failed_instances: figure("status failed"), stopped_instances: figure("status stopped"),
        total_cost: money(this.#tally.of(life, "total")), total_uptime_hours: Math.round((uptime / 3600) * 1e6) / 1e6,
      },
      billing: { current_month_cost: money(this.#tally.of(monthOf(this.#now), "total")), currency },
      resource_usage: { ...this.#usage, task_count: figure("admitted"), uptime },
    };
  }
}

type Samples = (documents: readonly InstanceDocument[]) => Promise<ReadonlyMap<string, MetricSample>>;

/** Instances that must be looked at one by one: all while there are no sums, as in a collection of an earlier version. */
async function* apart(reader: Reader, customer: string, sum: SumDocument | undefined): AsyncGenerator<InstanceDocument[]> {
  if (sum !== undefined) for (const ids of openIn(sum)) yield await reader.getMany(instances, ids);
  else yield await Array.fromAsync(reader.all(instances, { index: "by_customer", equals: { customer_id: customer } }));
}

/** A customer's totals: the sum of the instances whose figures no longer move, and each of the others, which the sum names. */
export async function dashboardTotals(reader: Reader, customer: string, now: string, samplesOf: Samples): Promise<DashboardTotals> {
  const totals = new DashboardTotals(now);
  const [sum] = await readSums(reader, instances, [customerSum(customer)]);
  if (sum !== undefined) totals.addSum(sum);
  for await (const documents of apart(reader, customer, sum)) {
    const samples = await samplesOf(documents.filter(({ status }) => status === "running"));
    for (const document of documents) totals.add(document, samples.get(document.instance_id) ?? null);
  }
  return totals;
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
