import type { IncomingMessage, Server as HttpServer } from "node:http";
import { Server, type Socket } from "socket.io";
import type { StoredEvent } from "#domain/kernel/event.ts";
import { instance } from "#domain/instance/instance.ts";
import type { MetricSample } from "#reactions/ports.ts";
import type { RestContext } from "../rest/context.ts";
import { writeCursor } from "../rest/cursors.ts";
import { problemAnswer, problemOf, Problem } from "../rest/problem-details.ts";
import { validBody } from "../rest/validate.ts";
import { Connection } from "./connection.ts";
import { Costs } from "./costs.ts";
import { frameOf, metricsFrame, rooms } from "./frames.ts";
import { Hub } from "./hub.ts";
import { roomOf, subscribe, unsubscription } from "./subscribe.ts";

const socketsPerKey = 20;
const messagesPerMinute = 100;
const largestMessage = 64 * 1024;

type Ack = (answer: object) => void;

/** Tells sockets what happens as it happens. */
export class LiveFeed {
  readonly #context: RestContext;
  readonly #hub = new Hub();
  readonly #costs: Costs;
  #io: Server | undefined;
  #stops: (() => void)[] = [];

  constructor(context: RestContext) {
    this.#context = context;
    this.#costs = new Costs(context, this.#hub);
  }

  /** Serves namespace `/live` on a server. */
  attach(server: HttpServer): void {
    const { services, auth } = this.#context;
    const io = new Server(server, {
      serveClient: false, maxHttpBufferSize: largestMessage, cors: { origin: [...services.settings.allowed_origins] },
      allowRequest: (request, decide) => decide(null, this.#mayConnect(request)),
    });
    // The root namespace asks for no key: nobody may stay in it.
    io.use((_socket, next) => { next(new Error("Connect to /live.")); });
    const live = io.of("/live");
    live.use((socket, next) => { void this.#admit(socket, next); });
    live.on("connection", (socket) => this.#welcome(socket));
    this.#stops = [
      services.tail.on((event) => this.#observe(event)),
      services.onSample((sample) => { void this.#sampled(sample); }, () => ({ instances: this.#hub.listening("instance "), accounts: this.#hub.listening("instances ") })),
      auth.onRevoked((hash) => { for (const { principal, socket } of this.#hub.connections) if (principal.key_hash === hash) socket.disconnect(true); }),
    ];
    this.#costs.start();
    this.#io = io;
  }

  async close(): Promise<void> {
    for (const stop of this.#stops) stop();
    this.#costs.stop();
    for (const { socket } of this.#hub.connections) socket.disconnect(true);
    // Closing socket.io would close the HTTP server too, which is not ours.
    this.#io?.engine.close();
    this.#io?.removeAllListeners();
    this.#io = undefined;
  }

  // Browsers let any page open a WebSocket anywhere, so the origin is checked here.
  #mayConnect(request: IncomingMessage): boolean {
    const query = new URL(request.url ?? "/", "http://localhost").searchParams;
    if (query.has("api_key") || query.has("token")) return false;
    const { origin, host } = request.headers;
    if (origin === undefined || this.#context.services.settings.allowed_origins.includes(origin)) return true;
    return URL.canParse(origin) && new URL(origin).host === host;
  }

  async #admit(socket: Socket, next: (refusal?: Error) => void): Promise<void> {
    let refusal: Error | undefined;
    try {
      await this.#authenticate(socket);
    } catch (error) {
      refusal = this.#refusal(error);
    }
    next(refusal);
  }

  async #authenticate(socket: Socket): Promise<void> {
    const { limits, auth } = this.#context;
    const token: unknown = socket.handshake.auth["token"];
    if (typeof token !== "string" || token === "") throw new Problem("unauthenticated", "Send your API key as `auth.token` of the handshake.");
    const address = this.#context.addressOf(socket.request);
    await limits.guesser(address);
    const principal = await auth.principal(token);
    if (principal === null) {
      await limits.guessed(address);
      throw new Problem("invalid-api-key", "The API key is not valid.");
    }
    if (principal.instance_id !== null) throw new Problem("insufficient-scope", "This key may only report the usage of its instance.");
    if (this.#hub.socketsOf(principal.key_id) >= socketsPerKey) throw new Problem("rate-limited", `A key may hold ${socketsPerKey} connections.`);
    socket.data = { principal };
  }

  #refusal(error: unknown): Error {
    if (problemOf(error) === null) this.#context.services.log.error({ err: error }, "a live connection failed for a reason that nobody foresaw");
    const { body } = problemAnswer(error, "");
    return Object.assign(new Error(String(body["detail"])), { data: body });
  }

  #welcome(socket: Socket): void {
    const connection = new Connection(socket, (socket.data as { principal: Connection["principal"] }).principal);
    this.#hub.add(connection);
    this.#context.sockets.count = this.#hub.connections.size;
    socket.on("disconnect", () => {
      this.#hub.remove(connection);
      this.#context.sockets.count = this.#hub.connections.size;
    });
    const times: number[] = [];
    socket.use((_packet, next) => {
      const now = this.#context.services.clock.now();
      times.push(now);
      while ((times[0] ?? now) < now - 60_000) times.shift();
      if (times.length > messagesPerMinute) socket.disconnect(true);
      else next();
    });
    socket.on("subscribe", (message: unknown, ack?: Ack) => { void this.#answer(socket, ack, () => subscribe(this.#context, this.#hub, this.#costs, connection, message)); });
    socket.on("unsubscribe", (message: unknown, ack?: Ack) => {
      void this.#answer(socket, ack, async () => {
        for (const topic of validBody(unsubscription, message).topics) this.#hub.leave(connection, roomOf(topic, connection.principal));
        return {};
      });
    });
  }

  async #answer(socket: Socket, ack: Ack | undefined, work: () => Promise<object>): Promise<void> {
    const reply: Ack = typeof ack === "function" ? ack : () => undefined;
    try {
      reply({ ok: true, ...await work() });
    } catch (error) {
      const { data } = this.#refusal(error) as Error & { data: object };
      socket.emit("problem", data);
      reply({ ok: false, problem: data });
    }
  }

  #observe(event: StoredEvent): void {
    if (this.#hub.connections.size === 0) return;
    const addressed = frameOf(event, (position) => writeCursor(this.#context.services.tail.storeId, position));
    if (addressed !== null) this.#hub.deliver(addressed);
    this.#costs.observe(event);
  }

  async #sampled(sample: MetricSample): Promise<void> {
    if (this.#hub.connections.size === 0) return;
    const { state } = await this.#context.services.executor.state(instance, sample.instance_id);
    const account = state.request?.customer_id;
    if (account !== undefined) this.#hub.deliver({ frame: metricsFrame(sample), rooms: [rooms.instance(sample.instance_id), rooms.instances(account)] });
  }
}
