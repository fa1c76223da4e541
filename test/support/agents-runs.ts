import type { ServerResponse } from "node:http";
import { startHttpAgent } from "#test/support/agents.ts";
import type { TestHttpAgent } from "#test/support/agents.ts";

/** Writes a run's stream; it may end it, or leave it open. */
export type RunScript = (emit: (event: Record<string, unknown>) => void, response: ServerResponse, run: (status: string, more?: Record<string, unknown>) => Record<string, unknown>) => void;

/** Starts a server of the run-based ACP 0.2 with the given agents. */
export function startRunsAgent(script: RunScript, agents: readonly string[] = ["process"], headers: Record<string, string> = { "run-id": "run-1" }): Promise<TestHttpAgent> {
  return startHttpAgent(({ method, url }, response) => {
    const json = (status: number, value: unknown): void => {
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
    };
    if (method === "GET" && url === "/ping") return json(200, {});
    if (method === "GET" && url === "/agents") return json(200, { agents: agents.map((name) => ({ name, description: "", input_content_types: ["*/*"], output_content_types: ["*/*"] })) });
    if (method === "POST" && url.endsWith("/cancel")) return json(202, {});
    if (method !== "POST" || url !== "/runs") return json(404, { code: "not_found", message: "no" });
    response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8", ...headers });
    response.flushHeaders();
    return script(
      (event) => { response.write(`data: ${JSON.stringify(event)}\n\n`); }, response,
      (status, more = {}) => ({ run_id: "run-1", agent_name: "process", session_id: null, status, await_request: null, output: [], error: null, created_at: "2026-01-01T00:00:00+00:00", finished_at: null, ...more }),
    );
  });
}
