import { useEffect, useState } from "preact/hooks";
import type { AgentHubClient } from "#client/client.ts";
import type { LiveConnection, LiveFrame } from "#client/live.ts";

/** How the live connection is. */
export type FeedState = "connecting" | "live" | "lost" | "refused";

type Listener = (frame: LiveFrame) => void;

/** One live connection and whoever listens to it. The client reconnects by itself and asks for what was missed. */
export class Feed {
  readonly #client: AgentHubClient;
  readonly #topics: readonly string[];
  readonly #listeners = new Set<Listener>();
  readonly #watchers = new Set<(state: FeedState) => void>();
  #connection: LiveConnection | undefined;
  #state: FeedState = "connecting";
  #cursor: string | undefined;

  constructor(client: AgentHubClient, topics: readonly string[]) {
    this.#client = client;
    this.#topics = topics;
    this.open();
  }

  get state(): FeedState {
    return this.#state;
  }

  /** Connects anew, from where the last connection ended. */
  open(): void {
    this.#connection?.close();
    const connection = this.#client.live(this.#topics, this.#cursor, (connected) => this.#become(connected ? "live" : "lost"));
    this.#connection = connection;
    void this.#read(connection);
  }

  close(): void {
    this.#connection?.close();
    this.#listeners.clear();
    this.#watchers.clear();
  }

  /** Hears every frame; the answer ends it. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Hears how the connection is; the answer ends it. */
  watch(watcher: (state: FeedState) => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  #become(state: FeedState): void {
    if (this.#state === state) return;
    this.#state = state;
    for (const watcher of this.#watchers) watcher(state);
  }

  async #read(connection: LiveConnection): Promise<void> {
    try {
      for await (const frame of connection) {
        if ("cursor" in frame) this.#cursor = frame.cursor ?? this.#cursor;
        for (const listener of this.#listeners) listener(frame);
      }
    } catch { /* what is refused has ended, too */ }
    if (connection === this.#connection) this.#become("refused");
  }
}

/** How a feed's connection is, as it changes. */
export function useFeedState(feed: Feed): FeedState {
  const [state, setState] = useState(feed.state);
  useEffect(() => {
    setState(feed.state);
    return feed.watch(setState);
  }, [feed]);
  return state;
}
