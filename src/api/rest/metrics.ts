import { Counter, Gauge, Histogram, Registry } from "prom-client";
import { z } from "zod";
import { storedAlerts } from "#reactions/alerts.ts";
import type { MaintenanceCounters } from "#reactions/maintenance.ts";
import type { RestContext } from "./context.ts";
import { type Route, route } from "./route.ts";

/** A store that is away takes its own figures away, and not those of the process. */
const askedOf = <T>(ask: () => Promise<readonly T[]>): Promise<readonly T[]> => ask().catch(() => []);

/** Adds what maintenance has done in this process. */
function watchMaintenance(counted: () => Readonly<MaintenanceCounters>, registry: Registry): void {
  const figures = [
    { name: "agenthub_maintenance_runs_total", help: "Rounds of maintenance", of: "runs" },
    { name: "agenthub_maintenance_failures_total", help: "Parts of maintenance that failed", of: "failures" },
    { name: "agenthub_maintenance_orphans_removed_total", help: "Containers without an instance that were removed", of: "orphans_removed" },
    { name: "agenthub_maintenance_entries_purged_total", help: "Expired entries, and secrets that nothing refers to, that were removed", of: "entries_purged" },
    { name: "agenthub_maintenance_bills_checked_total", help: "Bills that were compared with their events", of: "bills_checked" },
    { name: "agenthub_maintenance_bills_differing_total", help: "Bills that were found to differ from their events, each time", of: "bills_differing" },
  ] as const;
  for (const { name, help, of } of figures)
    new Counter({ name, help, registers: [registry], collect() { this.reset(); this.inc(counted()[of]); } });
}

/** What Prometheus may know of this process; nothing of any account. */
export class Telemetry {
  readonly registry = new Registry();
  readonly #requests = new Counter({
    name: "agenthub_http_requests_total", help: "Requests by route, method and status", labelNames: ["route", "method", "status"], registers: [this.registry],
  });
  readonly #seconds = new Histogram({
    name: "agenthub_http_request_duration_seconds", help: "Seconds from request to answer", labelNames: ["route", "method"],
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 120], registers: [this.registry],
  });

  /** Counts an answer. */
  answered(path: string, method: string, status: number, seconds: number): void {
    this.#requests.inc({ route: path, method, status });
    this.#seconds.observe({ route: path, method }, seconds);
  }

  /** Adds figures that are looked up when Prometheus asks. */
  watch(context: RestContext): void {
    const { services } = context;
    const registers = [this.registry];
    new Gauge({ name: "agenthub_live_sockets", help: "Open live connections", registers, collect() { this.set(context.sockets.count); } });
    new Gauge({
      name: "agenthub_projection_parked_events", help: "Events that a projection could not fold", labelNames: ["projection"], registers,
      async collect() {
        for (const { name, parked } of await askedOf(() => services.readModels.status())) this.set({ projection: name }, parked ?? 0);
      },
    });
    new Gauge({
      name: "agenthub_alerts", help: "What is wrong now, as maintenance found it", labelNames: ["code", "severity"], registers,
      async collect() {
        this.reset();
        for (const { code, severity } of await askedOf(() => storedAlerts(services.system))) this.inc({ code, severity });
      },
    });
    const { maintenance } = services;
    if (maintenance !== undefined) watchMaintenance(maintenance, this.registry);
    new Gauge({ name: "process_resident_memory_bytes", help: "Resident memory", registers, collect() { this.set(process.memoryUsage.rss()); } });
  }
}

/** Figures for Prometheus. */
export const metricsRoutes = (telemetry: Telemetry): Route[] => [
  route({
    method: "get", path: "/metrics", tag: "health", summary: "Figures for Prometheus", roles: "public", produces: ["text/plain"], responses: { 200: z.string() },
    handler: async () => ({ type: telemetry.registry.contentType, body: await telemetry.registry.metrics() }),
  }),
];
