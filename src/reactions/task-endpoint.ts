import { endpointPath } from "#domain/agent/manifest.ts";
import type { InstanceRequest } from "#domain/instance/events.ts";
import { Refusal } from "#domain/kernel/errors.ts";

const defaultTimeoutS = 30;
const longestTimeoutS = 3600;

/** The method and time of a task by what the agent declares; without any declaration every path is let through. */
export function resolveEndpoint(request: InstanceRequest, endpoint: string, timeoutS: number | undefined):
{ method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE"; timeout_s: number } {
  const { endpoints } = request.release;
  const entry = endpoints.find(({ path }) => path === endpoint);
  if (entry === undefined) {
    if (!endpointPath.safeParse(endpoint).success)
      throw new Refusal("invalid-endpoint-path", "The endpoint must be a path on the agent that starts with one / and does not leave it.");
    if (endpoints.length > 0)
      throw new Refusal("unknown-endpoint", `The agent declares no endpoint ${endpoint}; it has ${endpoints.map(({ path }) => path).join(", ")}.`,
        { endpoints: endpoints.map(({ path }) => path) });
  }
  const most = entry?.timeout ?? longestTimeoutS;
  return { method: entry?.method ?? "POST", timeout_s: Math.min(timeoutS ?? entry?.timeout ?? defaultTimeoutS, most) };
}

/** Why an instance that does not run admits nothing. */
export const notRunning = ({ status }: { readonly status: string }): Refusal =>
  new Refusal("instance-not-running", `The instance is ${status}; tasks run on running instances only.`, { status });
