import { lifetimeCharge, monthCharge } from "#domain/billing/cost.ts";
import { addTime } from "#domain/billing/meter.ts";
import { isEnded, isOver, lifecycleStage } from "#domain/instance/transitions.ts";
import { fromMillis, later, monthOf, plus, toMillis } from "#domain/kernel/time.ts";
import type { MetricSample } from "#reactions/ports.ts";
import { chargeView, rateView, tasksOf } from "./charges.ts";
import { clockMs, taskCount } from "./instance-sums.ts";
import type { InstanceDocument } from "./instances.ts";
import { money } from "./money.ts";
import { performanceMetrics } from "./performance.ts";

const listedFor = 30 * 86_400_000;

/** Terminated instances leave the lists after 30 days; bills never. A failed one stays until it is deleted: it still has its container. */
export const leftLists = (document: InstanceDocument, now: string): boolean =>
  isOver(document.status) && !document.live && toMillis(plus(document.changed_at, listedFor)) <= toMillis(now);

/** Running time in milliseconds, degraded time included. */
export const uptimeMs = ({ meter }: InstanceDocument, now: string): number =>
  clockMs(meter.open_since === null ? meter : addTime(meter, meter.open_since, now));

const noSample = { cpu_percent: null, memory_bytes: null, memory_limit_bytes: null, network_rx_bytes: null, network_tx_bytes: null };

/** What the instance uses, by its latest sample; null where there is none. */
function resourceUsage(document: InstanceDocument, now: string, sample: MetricSample | null) {
  const { cpu_percent, memory_bytes, memory_limit_bytes, network_rx_bytes: rx, network_tx_bytes: tx } = sample ?? noSample;
  return {
    cpu_usage: cpu_percent,
    memory_usage: memory_bytes === null || !memory_limit_bytes ? null : (100 * memory_bytes) / memory_limit_bytes,
    network_usage: rx === null && tx === null ? null : (rx ?? 0) + (tx ?? 0),
    task_count: taskCount(document.tasks),
    uptime: uptimeMs(document, now) / 1000,
    memory_bytes, memory_limit_bytes, network_rx_bytes: rx, network_tx_bytes: tx,
    sampled_at: sample === null ? null : fromMillis(sample.at),
  };
}

/** Whether it answers; `last_heartbeat` is the last good probe. */
function healthStatus({ state, last_heartbeat }: InstanceDocument, sample: MetricSample | null) {
  const probed = sample?.healthy === true ? fromMillis(sample.at) : null;
  return {
    healthy: !isEnded(state.status) && state.healthy === true,
    last_heartbeat: probed === null ? last_heartbeat : last_heartbeat === null ? probed : later(probed, last_heartbeat),
    error_count: state.error_count,
    last_error: state.last_error,
  };
}

/** What it has cost up to an instant. */
function billingInfo({ meter, request: { price } }: InstanceDocument, now: string) {
  return {
    ...chargeView(lifetimeCharge(meter, price, now), tasksOf(meter)),
    current_month_cost: money(monthCharge(meter, price, monthOf(now), now).total),
    ...rateView(meter, price), currency: price.currency, pricing_type: price.type,
  };
}

/** Whether an agent answers: it does from a start or resume on, until a probe says otherwise. */
export const isConnected = ({ state }: InstanceDocument): boolean => state.status === "running" && state.healthy !== false;

/** An instance as the API shows it. */
export function instanceView(document: InstanceDocument, now: string, sample: MetricSample | null) {
  const { request, state } = document;
  return {
    instance_id: document.instance_id, agent_id: request.agent_id, agent_name: request.agent_name, agent_version: request.release.version,
    customer_id: request.customer_id, publisher_id: request.publisher_id,
    status: state.status, lifecycle_stage: lifecycleStage(state.status),
    created_at: document.created_at, started_at: state.started_at, paused_at: state.paused_at, stopped_at: state.stopped_at,
    updated_at: document.changed_at,
    failure: state.failure === null ? null : { reason: state.failure.reason, detail: state.failure.detail ?? null },
    instance_config: {
      memory_limit: request.config.memory_limit ?? null, cpu_limit: request.config.cpu_limit ?? null,
      environment: request.config.env_names, labels: request.config.labels, resources: request.resources,
    },
    engine: request.engine, attempt: state.attempt,
    health_status: healthStatus(document, sample),
    resource_usage: resourceUsage(document, now, sample),
    performance_metrics: performanceMetrics(document.days, document.open === null ? [] : [document.open], now),
    task_counts: document.tasks,
    billing_info: billingInfo(document, now),
    connection: { protocol: request.release.protocol, connected: isConnected(document) },
  };
}
