import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A port of loopback, or a socket's path. */
export type Behind = number | string;

/** An address that stays while the server behind it comes and goes. */
export interface Front {
  readonly port: number;
  /** Where new connections lead; none while null. */
  lead(behind: Behind | null): void;
  close(): Promise<void>;
}

/** Opens a front on loopback. A server's own port could be taken by somebody else while it is away; this one is held. */
export async function openFront(target: Behind | null): Promise<Front> {
  let behind = target;
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.on("error", () => undefined).once("close", () => sockets.delete(socket));
  };
  const server = createServer((socket) => {
    keep(socket);
    if (behind === null) return void socket.destroy();
    const onward = typeof behind === "number" ? connect(behind, "127.0.0.1") : connect(behind);
    keep(onward);
    socket.once("close", () => onward.destroy());
    onward.once("close", () => socket.destroy());
    socket.pipe(onward).pipe(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const cut = () => { for (const socket of sockets) socket.destroy(); };
  return {
    port: (server.address() as AddressInfo).port,
    lead(next) { behind = next; cut(); },
    async close() {
      server.close();
      cut();
      await once(server, "close");
    },
  };
}
