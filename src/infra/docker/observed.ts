import type Docker from "dockerode";
import type { ObservedContainer } from "#reactions/ports.ts";
import { labels } from "./names.ts";

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

/** The exit code that an engine makes up for a container which was gone when it looked: it lost power, or was killed with all it ran. */
const lostCode = 255;

type End = Pick<ObservedContainer, "finished_at" | "exit_code" | "ended_with_engine">;

/** How a container ended; `down` says whether the engine was down at an instant, or went down since. */
function endOf({ FinishedAt, ExitCode, OOMKilled }: Docker.ContainerInspectInfo["State"], down: (at: string | null) => boolean): End {
  const finished_at = instant(FinishedAt);
  if (OOMKilled || !down(finished_at)) return { finished_at, exit_code: ExitCode };
  // The instant is then that of the engine's next start, maybe days later: nobody knows when the container ended.
  const lost = ExitCode === lostCode;
  return { finished_at: lost ? null : finished_at, exit_code: lost ? null : ExitCode, ended_with_engine: true };
}

/** A container as AgentHub sees it. */
export function observed(info: Docker.ContainerInspectInfo, reach: Reach, down: (at: string | null) => boolean): ObservedContainer {
  const state = states[info.State.Status] ?? "exited";
  const up = state === "running" || state === "paused";
  return {
    container_id: info.Id,
    instance_id: info.Config.Labels[labels.instance] ?? "",
    attempt: Number(info.Config.Labels[labels.attempt] ?? 0),
    state,
    created_at: instant(info.Created) ?? new Date(0).toISOString(),
    started_at: instant(info.State.StartedAt),
    out_of_memory: info.State.OOMKilled,
    address: up ? addressOf(info, reach) : null,
    ...(state === "exited" ? endOf(info.State, down) : { finished_at: null, exit_code: null }),
  };
}
