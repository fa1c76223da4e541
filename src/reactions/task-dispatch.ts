import type { Clock } from "#commands/ports.ts";
import type { AgentDriver, AgentEvent, AgentRequest, AgentTarget } from "./ports.ts";

/** The largest result that is kept. */
const maxResultBytes = 1_048_576;

type Done = Extract<AgentEvent, { type: "done" }>;
type Failed = Extract<AgentEvent, { type: "failed" }>;

const failed = (code: Failed["code"], detail: string): Failed => ({ type: "failed", code, detail });

async function lastEvent(driver: AgentDriver, target: AgentTarget, request: AgentRequest, signal: AbortSignal): Promise<Done | Failed> {
  for await (const event of driver.execute(target, request, signal)) {
    if (event.type === "failed") return event;
    if (event.type !== "done") continue;
    return event.bytes <= maxResultBytes ? event
      : failed("agent-response-too-large", `The agent's result has ${event.bytes} bytes; at most ${maxResultBytes} are kept.`);
  }
  return failed("agent-protocol-error", "The agent's answer ended without a result.");
}

/** Has the agent do a task. Never rejects, and ends at the deadline or the abort even when the agent does not listen. */
export async function dispatch(clock: Clock, driver: AgentDriver, target: AgentTarget, request: AgentRequest, abort: AbortController): Promise<Done | Failed> {
  const { promise: ended, resolve: end } = Promise.withResolvers<Failed>();
  // What is left of the seconds that were asked for when the agent is.
  const timeout = failed("agent-timeout", `The agent gave no result within ${Math.ceil(request.timeout_ms / 1000)} s.`);
  let late = false;
  const tell = (): void => end(late ? timeout : failed("agent-failed", "The task was stopped."));
  const stopTimer = clock.after(request.timeout_ms, () => {
    late = true;
    abort.abort(new Error(`no answer within ${request.timeout_ms} ms`));
  });
  if (abort.signal.aborted) tell();
  else abort.signal.addEventListener("abort", tell, { once: true });
  try {
    const answer = await Promise.race([lastEvent(driver, target, request, abort.signal), ended]);
    return late && answer.type === "failed" ? timeout : answer;
  } catch (error) {
    return late ? timeout : failed("agent-failed", (error as Error).message.slice(0, 500));
  } finally {
    stopTimer();
    abort.signal.removeEventListener("abort", tell);
  }
}
