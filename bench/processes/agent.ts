import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

// An agent that is done at once: it answers whatever it is asked with a small result.
const answer = Buffer.from(JSON.stringify({ answer: 42 }));
const server = createServer((request, response) => {
  request.resume();
  request.once("end", () => response.writeHead(200, { "content-type": "application/json", "content-length": answer.length }).end(answer));
});
server.keepAliveTimeout = 60_000;
server.listen(0, "127.0.0.1", () => process.send?.({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }));
// Nobody is left to measure for.
process.once("disconnect", () => process.exit());
