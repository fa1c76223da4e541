import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import {
  type sendUnaryData, Server, ServerCredentials, type ServerDuplexStream, type ServerUnaryCall, type ServerWritableStream,
  status as code,
} from "@grpc/grpc-js";
import { ServerFeaturesService } from "@eventstore/db-client/generated/serverfeatures_grpc_pb.js";
import { StreamsService } from "@eventstore/db-client/generated/streams_grpc_pb.js";
import type { BatchAppendReq, BatchAppendResp, ReadReq, ReadResp } from "@eventstore/db-client/generated/streams_pb.js";
import { Faults } from "./faults.ts";
import { DoubleLog, type Expected, type Proposed } from "./log.ts";
import {
  expectedOf, failure, featuresMessage, outcomeMessage, proposedOf, refusalMessage, streamName, tooLargeMessage,
} from "./messages.ts";
import { type Kind, serveRead } from "./reads.ts";

const maxAppendBytes = 1_048_576;

interface Append {
  readonly stream: string;
  readonly expected: Expected;
  readonly events: Proposed[];
}

type BatchCall = ServerDuplexStream<BatchAppendReq, BatchAppendResp>;

/** A server that speaks EventStoreDB's protocol and fails on demand. */
export interface EsdbDouble {
  readonly port: number;
  readonly connectionString: string;
  readonly log: DoubleLog;
  readonly faults: Faults;
  /** Drops every connection and refuses new ones. */
  down(): void;
  up(): void;
  close(): Promise<void>;
}

/** How to start the double. */
export interface DoubleOptions extends Kind {
  readonly dataFile?: string;
  readonly port?: number;
  /** `user:password`, without which every call is refused. */
  readonly login?: string;
}

/** Starts the double on a free port. */
export async function startEsdbDouble(options: DoubleOptions = {}): Promise<EsdbDouble> {
  const double = new Double(options);
  await double.listen();
  return double;
}

class Double implements EsdbDouble {
  readonly log: DoubleLog;
  readonly faults = new Faults();
  readonly #login: string | undefined;
  readonly #kind: Kind;
  #port: number;
  #away = false;
  readonly #front = createServer();
  readonly #sockets = new Set<Socket>();
  readonly #server = new Server({ "grpc.max_receive_message_length": 32 * 1024 * 1024 });

  constructor({ dataFile, port = 0, login, ...kind }: DoubleOptions) {
    this.#kind = kind;
    this.log = new DoubleLog(dataFile);
    this.#port = port;
    this.#login = login === undefined ? undefined : `Basic ${Buffer.from(login).toString("base64")}`;
  }

  get port(): number {
    return this.#port;
  }

  get connectionString(): string {
    return `esdb://127.0.0.1:${this.#port}?tls=false`;
  }

  /** The front holds the port for good: what comes after an outage finds the same address, whatever else runs here. */
  async listen(): Promise<void> {
    const injector = this.#grpc().createConnectionInjector(ServerCredentials.createInsecure());
    this.#front.on("connection", (socket) => {
      if (this.#away) return void socket.destroy();
      this.#sockets.add(socket);
      socket.on("error", () => {});
      socket.once("close", () => this.#sockets.delete(socket));
      injector.injectConnection(socket);
    });
    this.#front.listen(this.#port, "127.0.0.1");
    await once(this.#front, "listening");
    this.#port = (this.#front.address() as AddressInfo).port;
  }

  down(): void {
    this.#away = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  up(): void {
    this.#away = false;
  }

  async close(): Promise<void> {
    this.down();
    this.#server.forceShutdown();
    this.#front.close();
    await once(this.#front, "close");
    this.log.close();
  }

  #grpc(): Server {
    this.#server.addService(ServerFeaturesService, {
      getSupportedMethods: (_: ServerUnaryCall<unknown, unknown>, answer: sendUnaryData<unknown>) => {
        if (!this.faults.stalled) answer(null, featuresMessage());
      },
    });
    this.#server.addService(StreamsService, {
      read: (call: ServerWritableStream<ReadReq, ReadResp>) => {
        if (this.#admits(call)) serveRead(call, this.log, this.faults, this.#kind);
      },
      batchAppend: (call: BatchCall) => {
        if (this.#admits(call)) this.#batchAppend(call);
      },
    });
    return this.#server;
  }

  #admits(call: BatchCall | ServerWritableStream<ReadReq, ReadResp>): boolean {
    const admitted = this.#login === undefined || call.metadata.get("authorization")[0] === this.#login;
    if (!admitted) call.emit("error", failure(code.UNAUTHENTICATED, "Unauthenticated"));
    return admitted;
  }

  #batchAppend(call: BatchCall): void {
    const pending = new Map<string, Append>();
    call.on("error", () => {});
    call.on("end", () => call.end());
    call.on("data", (request: BatchAppendReq) => {
      const correlation = request.getCorrelationId()?.getString() ?? "";
      const options = request.getOptions();
      const append = options
        ? { stream: streamName(options.getStreamIdentifier()), expected: expectedOf(options), events: [] }
        : pending.get(correlation);
      if (!append) return;
      append.events.push(...proposedOf(request));
      if (!request.getIsFinal()) return void pending.set(correlation, append);
      pending.delete(correlation);
      this.#answer(call, correlation, append);
    });
  }

  #answer(call: BatchCall, correlation: string, append: Append): void {
    const { faults } = this;
    const { stream, expected, events } = append;
    if (faults.stalled || faults.take("never-reply")) return;
    if (faults.take("half-close")) return void call.end();
    if (faults.take("kill-before-apply")) return this.#bounce();
    if (faults.take("not-ready")) return void call.write(refusalMessage(correlation, stream, "Server Is Not Ready"));
    if (faults.take("not-leader")) {
      const trailers = { "exception": "not-leader", "leader-endpoint-host": "127.0.0.1", "leader-endpoint-port": String(this.#port) };
      return void call.emit("error", failure(code.NOT_FOUND, "Leader info available", trailers));
    }
    const bytes = events.reduce((sum, event) => sum + event.data.length, 0);
    if (bytes > maxAppendBytes) return void call.write(tooLargeMessage(correlation, stream, maxAppendBytes));
    const answer = outcomeMessage(correlation, stream, expected, this.log.append(stream, events, expected));
    if (faults.take("apply-never-reply")) return;
    if (faults.take("kill-after-apply")) return this.#bounce();
    call.write(answer);
    if (faults.take("answer-twice")) call.write(answer);
  }

  /** As a server that is killed and at once started again. */
  #bounce(): void {
    this.down();
    this.up();
  }
}
