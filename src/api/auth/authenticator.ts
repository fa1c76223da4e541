import { account } from "#domain/account/account.ts";
import { apiKeys } from "#projections/api-keys.ts";
import { Problem } from "../rest/problem-details.ts";
import type { ApiServices } from "../services.ts";
import type { Principal } from "./principal.ts";

const kept = 10_000;
// A key that another process, or this one's start, issued this moment may not have come down the tail yet.
const issuedAnyMoment = 1000;

/** Finds whom a key speaks for. Answers are kept until the tail tells that the key was revoked. */
export class Authenticator {
  readonly #services: Pick<ApiServices, "executor" | "tail" | "keys" | "readModels" | "settings">;
  readonly #known = new Map<string, Principal>();
  /** Hashes of keys that were known, which spares every request two digests. */
  readonly #hashes = new Map<string, string>();
  readonly #revoked = new Set<string>();
  readonly #listeners = new Set<(keyHash: string) => void>();
  readonly #stop: () => void;

  constructor(services: Pick<ApiServices, "executor" | "tail" | "keys" | "readModels" | "settings">) {
    this.#services = services;
    this.#stop = services.tail.on((event) => {
      if (event.type !== "ApiKeyRevoked") return;
      const { key_hash } = event.data as { key_hash: string };
      this.#known.delete(key_hash);
      this.#revoked.add(key_hash);
      for (const listener of this.#listeners) listener(key_hash);
    });
  }

  /** The key's principal; null for a key that is unknown, revoked or mistyped, which nobody can tell apart. */
  async principal(key: string): Promise<Principal | null> {
    const { keys } = this.#services;
    const seen = this.#hashes.get(key);
    if (seen === undefined && !keys.wellFormed(key)) return null;
    const hash = seen ?? keys.hash(key);
    const known = this.#known.get(hash);
    if (known !== undefined) return known;
    const found = await this.#find(hash) ?? await this.#findLate(hash);
    if (found === null || this.#revoked.has(hash)) return null;
    if (this.#hashes.size >= kept) {
      this.#known.clear();
      this.#hashes.clear();
    }
    this.#known.set(hash, found);
    this.#hashes.set(key, hash);
    return found;
  }

  /** Tells the hash of every key that is revoked from now on. */
  onRevoked(listener: (keyHash: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): void {
    this.#stop();
    this.#listeners.clear();
  }

  /** Looks once more when the read models have caught up, and when the key is issued while one waits. */
  async #findLate(hash: string): Promise<Principal | null> {
    if (this.#revoked.has(hash)) return null;
    const { tail, readModels, settings } = this.#services;
    const patience = settings.read_patience_ms ?? 2000;
    const issued = tail.waitFor((event) => event.type === "ApiKeyIssued" && (event.data as { key_hash?: string }).key_hash === hash, issuedAnyMoment);
    try {
      const complete = await readModels.waitFor(tail.head, patience);
      const found = await this.#find(hash);
      if (found !== null) return found;
      // A key that is not found in half of the log is not wrong for that: whoever has it must not throw it away.
      if (!complete) throw new Problem("read-model-behind", "The server is still reading its log and may not know every key yet; ask again.", { headers: { "retry-after": "1" } });
      const event = await issued.event;
      return event !== null && await readModels.waitFor(event.position, patience) ? await this.#find(hash) : null;
    } finally {
      issued.cancel();
    }
  }

  async #find(hash: string): Promise<Principal | null> {
    const key = await this.#services.readModels.reader.get(apiKeys, hash);
    if (key === null || key.revoked) return null;
    // Roles come from the account's own stream, which no read model can be behind of.
    const { state } = await this.#services.executor.state(account, key.account_id);
    if (state.opened === null || !Object.hasOwn(state.keys, key.key_id)) return null;
    const { name, roles, currency } = state.opened;
    return { account_id: key.account_id, name, roles, currency, key_id: key.key_id, key_hash: hash, instance_id: key.instance_id };
  }
}
