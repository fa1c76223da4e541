import { io } from "socket.io-client";

// Many sockets that count what they hear, and say each time that all of them have heard it.
const [url = "", count = "", since = ""] = process.argv.slice(2);
const wanted = Number(count);
let heard = 0;
const hear = (): void => {
  heard += 1;
  if (heard < wanted) return;
  heard = 0;
  process.send?.("all");
};
await Promise.all(Array.from({ length: wanted }, (_, number) => new Promise<void>((resolve, reject) => {
  const socket = io(`${url}/live`, { transports: ["websocket"], auth: { token: `listener-${number}` }, forceNew: true, reconnection: false });
  socket.on("connect_error", reject);
  socket.on("instance.status", hear);
  socket.on("connect", () => socket.emit("subscribe", { topics: ["instances"], since }, (answer: { ok: boolean }) => {
    if (answer.ok) resolve();
    else reject(new Error(`a subscription was refused: ${JSON.stringify(answer)}`));
  }));
})));
process.send?.("ready");
// Nobody is left to measure for.
process.once("disconnect", () => process.exit());
