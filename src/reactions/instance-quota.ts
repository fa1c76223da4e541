import { Refusal } from "#domain/kernel/errors.ts";

/** What a quota needs to know. */
export interface QuotaParts {
  /** Live instances that an account may have. */
  readonly most: number;
  /** How many it has, everything up to the position counted. */
  readonly liveOf: (accountId: string, position: string) => Promise<number>;
}

/** Lets an account's requests for instances pass one at a time, each counted before the next, so that none slips by in a crowd. */
export class InstanceQuota {
  readonly #parts: QuotaParts;
  readonly #turns = new Map<string, Promise<unknown>>();
  readonly #positions = new Map<string, string>();

  constructor(parts: QuotaParts) {
    this.#parts = parts;
  }

  /** Does the work in the account's turn; refuses it with quota-exceeded when the account has no room. */
  async within<T extends { readonly position: string }>(accountId: string, work: () => Promise<T>): Promise<T> {
    const before = this.#turns.get(accountId) ?? Promise.resolve();
    const mine = before.then(() => this.#pass(accountId, work), () => this.#pass(accountId, work));
    const turn = mine.catch(() => undefined);
    this.#turns.set(accountId, turn);
    try {
      return await mine;
    } finally {
      if (this.#turns.get(accountId) === turn) {
        this.#turns.delete(accountId);
        this.#positions.delete(accountId);
      }
    }
  }

  async #pass<T extends { readonly position: string }>(accountId: string, work: () => Promise<T>): Promise<T> {
    const { most, liveOf } = this.#parts;
    const live = await liveOf(accountId, this.#positions.get(accountId) ?? "");
    if (live >= most)
      throw new Refusal("quota-exceeded", `The account has ${live} live instances and may have ${most}; terminate one, or ask the operator for more.`, { live, most });
    const done = await work();
    this.#positions.set(accountId, done.position);
    return done;
  }
}
