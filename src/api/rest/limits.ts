import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import type { ApiSettings } from "../services.ts";
import { Problem } from "./problem-details.ts";

const window = 60;

async function take(limiter: RateLimiterMemory | null, who: string): Promise<void> {
  try {
    await limiter?.consume(who);
  } catch (error) {
    if (!(error instanceof RateLimiterRes)) throw error;
    const seconds = Math.max(1, Math.ceil(error.msBeforeNext / 1000));
    throw new Problem("rate-limited", `Too many requests; try again in ${seconds} s.`, { headers: { "retry-after": String(seconds) } });
  }
}

const limiter = (points: number): RateLimiterMemory | null => (points > 0 ? new RateLimiterMemory({ points, duration: window }) : null);

/** Fair use: requests per key and per address, and guesses at keys per address. */
export class Limits {
  readonly #perKey: RateLimiterMemory | null;
  readonly #perAddress: RateLimiterMemory | null;
  readonly #guesses: RateLimiterMemory | null;

  constructor(settings: ApiSettings["rate_limits"]) {
    this.#perKey = limiter(settings.per_key);
    this.#perAddress = limiter(settings.per_address);
    this.#guesses = limiter(settings.bad_keys);
  }

  address(address: string): Promise<void> {
    return take(this.#perAddress, address);
  }

  key(keyId: string): Promise<void> {
    return take(this.#perKey, keyId);
  }

  /** Refuses an address that has guessed too often, before another key of it is looked up. */
  async guesser(address: string): Promise<void> {
    const seen = await this.#guesses?.get(address);
    if (seen !== null && seen !== undefined && seen.remainingPoints <= 0) await take(this.#guesses, address);
  }

  guessed(address: string): Promise<void> {
    return take(this.#guesses, address);
  }
}
