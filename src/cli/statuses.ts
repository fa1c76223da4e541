import type { InstanceStatus } from "#client/schema.ts";

/** What an instance may be, as flags name it. */
export const instanceStatuses: readonly InstanceStatus[] = [
  "starting", "running", "pausing", "paused", "resuming", "restarting", "failed", "stopping", "stopped", "rejected",
];

/** Whether an instance that is this may never become what is waited for. */
export const neverAfter = (status: string | undefined, wanted: string): boolean =>
  status !== wanted && (status === "stopped" || status === "rejected" || (status === "failed" && !wanted.startsWith("stop")));
