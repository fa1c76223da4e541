import type { Outcome } from "#commands/execute.ts";
import type { Written } from "./services.ts";

/** What a command's outcome means to whoever asked. */
export function writtenOf<S>(outcome: Outcome<S>): Written<S> {
  return { state: outcome.state, position: outcome.position, changed: outcome.events.length > 0 };
}
