import { createHash } from "node:crypto";
import type { Ids } from "#commands/ports.ts";

/** Identities that are the same in every run. */
export class CountingIds implements Ids {
  #count = 0;
  readonly #salt: string;

  constructor(salt = "0") {
    this.#salt = salt;
  }

  next(): string {
    this.#count += 1;
    return `01900000-0000-7000-8000-${this.#tail()}`;
  }

  random(): string {
    this.#count += 1;
    return `00000000-0000-4000-8000-${this.#tail()}`;
  }

  named(name: string): string {
    const hex = createHash("sha1").update(name).digest("hex");
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
  }

  #tail(): string {
    return createHash("sha1").update(`${this.#salt}/${this.#count}`).digest("hex").slice(0, 12);
  }
}
