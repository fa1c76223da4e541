import { createHash } from "node:crypto";
import type { Ids } from "#commands/ports.ts";
import { Problem } from "./problem-details.ts";
import { canonical } from "./untrusted.ts";

const remembered = 10_000;
const largest = 64 * 1024;

/** An answer as it went out. */
export interface SentAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What a request is known by. */
export interface CommandIdentity {
  readonly command_id: string;
  readonly request_hash?: string;
  /** What this process answered to the same request before. */
  readonly answered?: SentAnswer | undefined;
  /** Ends the request: another with its key may come in, and gets this answer if there is one. */
  finish(answer: SentAnswer | undefined): void;
}

/**
 * Makes command ids of Idempotency-Keys and keeps requests with one key apart. The streams remember for ever what a command
 * id did; the answers kept here only make a replay equal to the byte.
 */
export class Idempotency {
  readonly #ids: Ids;
  readonly #working = new Set<string>();
  readonly #answers = new Map<string, { hash: string; answer: SentAnswer }>();

  constructor(ids: Ids) {
    this.#ids = ids;
  }

  /** The identity of a command; without a key it is a new one each time. */
  identify(key: string | undefined, account: string, target: string, body: unknown): CommandIdentity {
    if (key === undefined) return { command_id: this.#ids.random(), finish: () => undefined };
    if (!/^[\x20-\x7e]{1,255}$/.test(key)) throw new Problem("invalid-idempotency-key", "An Idempotency-Key has 1 to 255 printable ASCII characters.");
    const command_id = this.#ids.named(JSON.stringify([account, target, key]));
    const request_hash = createHash("sha256").update(canonical([target, body ?? null])).digest("hex");
    const seen = this.#answers.get(command_id);
    if (seen !== undefined && seen.hash !== request_hash)
      throw new Problem("idempotency-key-reused", "This Idempotency-Key was used for another request; use a new key for a new request.");
    if (seen !== undefined) return { command_id, request_hash, answered: seen.answer, finish: () => undefined };
    if (this.#working.has(command_id))
      throw new Problem("idempotency-in-progress", "A request with this Idempotency-Key is being worked on; ask again for its answer.", { headers: { "retry-after": "1" } });
    this.#working.add(command_id);
    return {
      command_id, request_hash,
      finish: (answer) => {
        this.#working.delete(command_id);
        // A 202 is not the last word, so it is not kept.
        if (answer === undefined || answer.status === 202 || answer.body.length > largest) return;
        if (this.#answers.size >= remembered) this.#answers.delete(this.#answers.keys().next().value ?? "");
        this.#answers.set(command_id, { hash: request_hash, answer });
      },
    };
  }
}
