import type { Instance } from "#client/schema.ts";
import { html } from "../html.ts";

const tones: Readonly<Record<string, string>> = { running: "good", failed: "bad", rejected: "bad", restarting: "warn", paused: "still", stopped: "still" };

/** Statuses that nothing comes after. */
export const ended = (status: string): boolean => ["failed", "stopped", "rejected"].includes(status);

/** An instance's status as a word with a colour; one that runs without answering says so. */
export function Status({ of }: { of: Pick<Instance, "status" | "health_status" | "started_at"> }) {
  const ill = of.status === "running" && !of.health_status.healthy && of.health_status.error_count > 0;
  return html`<span class=${`status ${ill ? "warn" : tones[of.status] ?? "busy"}`}>${of.status}${ill && ", not answering"}</span>`;
}

/** A short word with a colour. */
export function Badge({ tone, text }: { tone: "good" | "bad" | "warn" | "still" | "busy"; text: string }) {
  return html`<span class=${`status ${tone}`}>${text}</span>`;
}
