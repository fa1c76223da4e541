import { buildNodeAgentImage } from "#infra/images/node-agent.ts";
import { testDocker } from "./docker.ts";

/**
 * An agent that its environment steers. `GET /health` answers 200 unless UNHEALTHY is set; any other request answers
 * what it was sent, after DELAY_MS. CRASH_AFTER_MS ends it with CRASH_CODE, LINES writes so many lines, LONG_LINE one
 * that long. `/exit?code=`, `/print?text=`, `/reach?host=&port=` and `/hog` (takes memory until the kernel objects) do
 * what they say.
 */
const source = `
import { createServer } from "node:http";
import { connect } from "node:net";
import { spawn } from "node:child_process";
const { env } = process;
const port = Number(env.AGENTHUB_AGENT_PORT ?? 8000);
if (env.HOG_CHILD) { const held = []; for (;;) held.push(Buffer.alloc(4 << 20, 1)); }
const body = async (request) => { let text = ""; for await (const part of request) text += part; return text; };
const answer = (response, status, value) => { response.writeHead(status, { "content-type": "application/json" }); response.end(JSON.stringify(value)); };
const reach = (host, to) => new Promise((resolve) => {
  const socket = connect({ host, port: to, timeout: 2000 });
  const end = (said) => { socket.destroy(); resolve(said); };
  socket.on("connect", () => end("connected")).on("timeout", () => end("timeout")).on("error", (error) => end(error.code));
});
const server = createServer(async (request, response) => {
  const url = new URL(request.url, "http://agent");
  if (url.pathname === "/health") return answer(response, env.UNHEALTHY ? 503 : 200, { status: env.UNHEALTHY ? "sick" : "ok" });
  if (url.pathname === "/exit") { answer(response, 200, {}); setTimeout(() => process.exit(Number(url.searchParams.get("code") ?? 0)), 50); return; }
  if (url.pathname === "/print") { console.log(url.searchParams.get("text")); return answer(response, 200, {}); }
  if (url.pathname === "/reach") return answer(response, 200, { outcome: await reach(url.searchParams.get("host"), Number(url.searchParams.get("port"))) });
  if (url.pathname === "/hog") {
    answer(response, 200, {});
    // A child does it, and its parent outlives it a while: the engine hears of the kill before the container ends.
    spawn(process.execPath, [process.argv[1]], { env: { ...env, HOG_CHILD: "1" }, stdio: "ignore" }).on("exit", () => setTimeout(() => process.exit(137), 2000));
    return;
  }
  const text = await body(request);
  setTimeout(() => answer(response, 200, { method: request.method, path: url.pathname, echo: text === "" ? null : JSON.parse(text), value: env.VALUE ?? null }), Number(env.DELAY_MS ?? 0));
});
server.listen(port, () => {
  console.log("listening on " + port);
  console.error("standard error");
  for (let line = 1; line <= Number(env.LINES ?? 0); line++) console.log("line " + line);
  if (env.LONG_LINE) console.log("x".repeat(Number(env.LONG_LINE)));
  if (env.CRASH_AFTER_MS) setTimeout(() => process.exit(Number(env.CRASH_CODE ?? 1)), Number(env.CRASH_AFTER_MS));
});
process.on("SIGTERM", () => process.exit(0));
`;

/** An image of that agent with an environment of its own: `{ UNHEALTHY: "1" }` never gets healthy, `{ DELAY_MS: "1000" }` is slow. */
export const steeredAgent = (name: string, env: Record<string, string>): Promise<string> =>
  buildNodeAgentImage(testDocker, { tag: `agenthub-test/${name}:1`, files: { "main.mjs": source }, entry: "main.mjs", env });

/** Answers at once what it is sent; the environment of its container may steer it otherwise. */
export const echoAgent = (): Promise<string> => steeredAgent("echo", {});
/** Ends with the code 3 soon after its start. */
export const crashingAgent = (afterMs = 200): Promise<string> => steeredAgent(`crashing-${afterMs}`, { CRASH_AFTER_MS: String(afterMs), CRASH_CODE: "3" });
/** Writes so many lines at its start. */
export const chattyAgent = (lines = 500): Promise<string> => steeredAgent(`chatty-${lines}`, { LINES: String(lines) });
