import type { Server } from "node:http";
import type { RestContext } from "../rest/context.ts";

/** Tells sockets what happens as it happens. */
export class LiveFeed {
  readonly #context: RestContext;
  constructor(context: RestContext) {
    this.#context = context;
  }
  attach(_server: Server): void {
    this.#context.sockets.count = 0;
  }
  async close(): Promise<void> {}
}
