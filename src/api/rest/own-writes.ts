import type { ApiServices } from "../services.ts";
import { readCursor, writeCursor } from "./cursors.ts";
import { Problem } from "./problem-details.ts";

const kept = 50_000;

/** Lets every caller read what it wrote, and nobody half of what there is: remembers the last cursor given to each key, and waits for it. */
export class OwnWrites {
  readonly #services: Pick<ApiServices, "tail" | "readModels" | "settings">;
  readonly #last = new Map<string, string>();
  #whole = false;

  constructor(services: Pick<ApiServices, "tail" | "readModels" | "settings">) {
    this.#services = services;
  }

  /** The cursor for a position, which the key's next reads wait for. */
  wrote(keyId: string, position: string): string {
    if (this.#last.size >= kept) this.#last.clear();
    if (position > (this.#last.get(keyId) ?? "")) this.#last.set(keyId, position);
    return writeCursor(this.#services.tail.storeId, position);
  }

  /** Waits until the read models, where they are built from nothing, hold what there was to begin with. */
  async whole(): Promise<void> {
    if (this.#whole) return;
    await this.#reached(await this.#services.readModels.floor?.() ?? "", "The server is still reading its log, and what it knows so far is not all; ask again.");
    this.#whole = true;
  }

  /** Waits until the read models hold what the caller has seen or written. */
  async readable(keyId: string, header: string | undefined): Promise<void> {
    const asked = header === undefined ? "" : readCursor(header, this.#services.tail.storeId);
    const own = this.#last.get(keyId) ?? "";
    await this.#reached(asked > own ? asked : own, "What you wrote, or ask for by AgentHub-Min-Cursor, is safe but not readable yet; read again after Retry-After seconds, and do not write it again.");
  }

  async #reached(position: string, otherwise: string): Promise<void> {
    const { readModels, settings } = this.#services;
    if (position === "" || await readModels.waitFor(position, settings.read_patience_ms ?? 2000)) return;
    throw new Problem("read-model-behind", otherwise, { headers: { "retry-after": "1" } });
  }
}
