import type { ContainerSpec, ObservedContainer } from "#reactions/ports.ts";

/** A container of the simulated engine. */
export interface SimulatedContainer {
  readonly spec: ContainerSpec;
  readonly container_id: string;
  state: ObservedContainer["state"];
  created_at: string;
  started_at: string | null;
  finished_at: string | null;
  exit_code: number | null;
  out_of_memory: boolean;
  ended_with_engine: boolean;
}

/** A call on the engine; a hook may throw, or wait, before it takes effect. */
export interface RuntimeCall {
  readonly verb: "health" | "pull" | "start" | "inspect" | "pause" | "resume" | "stop" | "remove" | "list" | "stats" | "logs" | "removeImage";
  readonly subject: string;
}

/** A container that was created and not started. */
export const created = (spec: ContainerSpec, container_id: string, created_at: string): SimulatedContainer => ({
  spec, container_id, state: "created", created_at, started_at: null, finished_at: null, exit_code: null, out_of_memory: false, ended_with_engine: false,
});

/** A container as the engine shows it. */
export function observed({ spec, container_id, state, created_at, started_at, finished_at, exit_code, out_of_memory, ended_with_engine }: SimulatedContainer): ObservedContainer {
  const up = state === "running" || state === "paused";
  return {
    container_id, instance_id: spec.instance_id, attempt: spec.attempt, state, created_at, started_at, finished_at, exit_code, out_of_memory,
    ...(ended_with_engine && { ended_with_engine }), address: up ? `http://${spec.instance_id}.simulated:${spec.port}` : null,
  };
}

/** A reference to an image by its content, the same for the same name. */
export const digestOf = (image: string): string =>
  `${image.split(":")[0] ?? image}@sha256:${Buffer.from(image).toString("hex").padEnd(64, "0").slice(0, 64)}`;
