import { Counter, Gauge, Histogram, Registry } from "prom-client";
import { z } from "zod";
import type { RestContext } from "./context.ts";
import { type Route, route } from "./route.ts";

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
        for (const { name, parked } of await services.readModels.status()) this.set({ projection: name }, parked ?? 0);
      },
    });
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
