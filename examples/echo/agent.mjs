// The least that an agent needs: a port, a health path, and JSON in and out.
import { createServer } from "node:http";
import { setTimeout as delay } from "node:timers/promises";

const port = Number(process.env.AGENTHUB_AGENT_PORT ?? 8000);
const prefix = process.env.ECHO_PREFIX ?? "";

class Refused extends Error {}

const endpoints = {
  "/echo": (parameters) => ({ echo: parameters, ...(prefix !== "" && { prefix }) }),
  "/shout": ({ text }) => {
    if (typeof text !== "string") throw new Refused("text must be a string");
    return { text: prefix + text.toUpperCase() };
  },
  "/wait": async ({ seconds = 1 }) => {
    if (typeof seconds !== "number" || !(seconds >= 0 && seconds <= 60)) throw new Refused("seconds must be a number from 0 to 60");
    await delay(seconds * 1000);
    return { waited: seconds };
  },
};

async function read(request) {
  let text = "";
  for await (const part of request.setEncoding("utf8")) {
    text += part;
    if (text.length > 1_000_000) throw new Refused("the body is too large");
  }
  try {
    return text === "" ? {} : JSON.parse(text);
  } catch {
    throw new Refused("the body must be JSON");
  }
}

function answer(response, status, body) {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}

const server = createServer(async (request, response) => {
  const path = request.url.split("?")[0];
  try {
    if (path === "/health") return answer(response, 200, { status: "ok" });
    const endpoint = Object.hasOwn(endpoints, path) ? endpoints[path] : undefined;
    if (endpoint === undefined) return answer(response, 404, { error: "no such endpoint" });
    if (request.method !== "POST") return answer(response, 405, { error: "POST it" });
    return answer(response, 200, await endpoint((await read(request)) ?? {}));
  } catch (error) {
    if (error instanceof Refused) return answer(response, 422, { error: error.message });
    console.error(error);
    return answer(response, 500, { error: "the agent failed" });
  }
});

server.listen(port, () => console.log(`echo listens on ${server.address().port}`));
process.on("SIGTERM", () => {
  server.close(() => process.exit(0));
  server.closeIdleConnections();
  setTimeout(() => process.exit(0), 3000).unref(); // whoever still waits by then is not waited for
});
