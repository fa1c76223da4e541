import type Docker from "dockerode";
import type { MetricSample } from "#reactions/ports.ts";
import { attempt, isGone, statusOf } from "./failures.ts";

/** What an engine measures of a container. */
export type ContainerFigures = Omit<MetricSample, "instance_id" | "at" | "healthy" | "response_ms">;

function cpuPercent({ cpu_stats: now, precpu_stats: before }: Docker.ContainerStats): number | null {
  const used = now.cpu_usage.total_usage - before.cpu_usage.total_usage;
  const passed = now.system_cpu_usage - before.system_cpu_usage; // of all cores together
  if (!(passed > 0) || !(used >= 0)) return null;
  const cores = now.online_cpus || now.cpu_usage.percpu_usage?.length || 1;
  return Math.round((used / passed) * cores * 10_000) / 100;
}

function memoryBytes({ memory_stats: { usage, stats } }: Docker.ContainerStats): number | null {
  if (usage === undefined) return null;
  // The kernel gives inactive file cache back under pressure, so it is not the agent's need. Names: cgroup v1, then v2.
  const figures = (stats ?? {}) as Partial<Record<string, number>>;
  const cache = figures["total_inactive_file"] ?? figures["inactive_file"] ?? 0;
  return Math.max(0, usage - cache);
}

/** One sample of a container; null when it is gone or does not run. */
export async function sampleContainer(engine: Docker, id: string): Promise<ContainerFigures | null> {
  const stats = await attempt("measure the container", async () => {
    try {
      return await engine.getContainer(id).stats({ stream: false, "one-shot": false, abortSignal: AbortSignal.timeout(15_000) } as { stream: false });
    } catch (error) {
      if (isGone(error) || statusOf(error) === 409) return null;
      throw error;
    }
  });
  if (stats?.memory_stats?.usage === undefined) return null;
  const networks = Object.values(stats.networks ?? {});
  return {
    cpu_percent: cpuPercent(stats),
    memory_bytes: memoryBytes(stats),
    memory_limit_bytes: stats.memory_stats.limit ?? null,
    network_rx_bytes: networks.length === 0 ? null : networks.reduce((sum, { rx_bytes }) => sum + rx_bytes, 0),
    network_tx_bytes: networks.length === 0 ? null : networks.reduce((sum, { tx_bytes }) => sum + tx_bytes, 0),
  };
}
