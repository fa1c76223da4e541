import type { Pause } from "./pause.ts";
import type { EventFeed } from "./ports.ts";
import type { Projection } from "./projection.ts";
import type { TracksOptions } from "./tracks.ts";

/** What a projector needs. */
export interface ProjectorOptions extends TracksOptions {
  readonly feed: EventFeed;
  /** What it projects from the beginning. */
  readonly projections?: readonly Projection[];
  /** Of the owner of these. */
  readonly epoch?: number;
  readonly batch?: number;
  readonly pause: Pause;
  /**
   * Lets other work of the process go on between two batches: embedded stores answer without ever yielding. At the head it may
   * rest a little, so that the next batch is worth its writes; the signal says that there is more to read, or somebody waits.
   */
  readonly breathe?: (hurry: AbortSignal) => Promise<void>;
}
