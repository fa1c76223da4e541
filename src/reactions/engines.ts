import type { InstanceRequest } from "#domain/instance/events.ts";
import { type ContainerRuntime, RuntimeError } from "./ports.ts";

/** The engines that this process works with, by the name that an instance pins. */
export type Engines = ReadonlyMap<string, ContainerRuntime>;

/** The engine that an instance runs on; one that is not configured is as good as away. */
export function engineOf(engines: Engines, request: InstanceRequest): ContainerRuntime {
  const engine = engines.get(request.engine);
  if (engine === undefined) throw new RuntimeError("runtime-unavailable", `The container engine ${request.engine} is not configured.`);
  return engine;
}

/** The code of a RuntimeError; undefined for another error. */
export const codeOf = (error: unknown): RuntimeError["code"] | undefined => (error as Partial<RuntimeError>).code;
