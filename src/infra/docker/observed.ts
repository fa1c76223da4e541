import type Docker from "dockerode";
import type { ObservedContainer } from "#reactions/ports.ts";
import { labels } from "./names.ts";
import type { Outages } from "./outages.ts";

/** How AgentHub reaches agents: by the published port on loopback, or by the container's own address. */
export type Reach = "loopback" | "network";

// The engine writes year 1 for "never", and nanoseconds where an instant here has milliseconds.
const instant = (text: string | undefined): string | null => {
  const millis = Date.parse(text ?? "");
  return Number.isNaN(millis) || millis <= 0 ? null : new Date(millis).toISOString();
};

const states: Readonly<Record<string, ObservedContainer["state"]>> = {
  created: "created", running: "running", restarting: "running", paused: "paused", exited: "exited", dead: "exited", removing: "exited",
};

function addressOf(info: Docker.ContainerInspectInfo, reach: Reach): string | null {
  const port = info.Config.Labels[labels.port];
  if (reach === "loopback") {
    const published = info.NetworkSettings.Ports?.[`${port}/tcp`]?.[0]?.HostPort;
    return published ? `http://127.0.0.1:${published}` : null;
  }
  const ip = Object.values(info.NetworkSettings.Networks ?? {}).find((network) => network?.IPAddress)?.IPAddress;
  return ip && port ? `http://${ip}:${port}` : null;
}

/** A container as AgentHub sees it. */
export function observed(info: Docker.ContainerInspectInfo, reach: Reach, outages: Outages): ObservedContainer {
  const state = states[info.State.Status] ?? "exited";
  const up = state === "running" || state === "paused";
  const ended = state === "exited";
  const finished_at = ended ? instant(info.State.FinishedAt) : null;
  return {
    container_id: info.Id,
    instance_id: info.Config.Labels[labels.instance] ?? "",
    attempt: Number(info.Config.Labels[labels.attempt] ?? 0),
    state,
    created_at: instant(info.Created) ?? new Date(0).toISOString(),
    started_at: instant(info.State.StartedAt),
    finished_at,
    exit_code: ended ? info.State.ExitCode : null,
    out_of_memory: info.State.OOMKilled,
    address: up ? addressOf(info, reach) : null,
    ...(outages.covers(finished_at) && !info.State.OOMKilled && { ended_with_engine: true }),
  };
}
