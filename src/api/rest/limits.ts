import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import type { ApiSettings } from "../services.ts";
import { countedAs } from "./client-address.ts";
import { Problem } from "./problem-details.ts";

const window = 60;

/** Headers that tell a caller how much is left. */
export type LimitHeaders = Readonly<Record<string, string>>;

const secondsOf = ({ msBeforeNext }: RateLimiterRes): number => Math.max(1, Math.ceil(msBeforeNext / 1000));

const headersOf = (limiter: RateLimiterMemory, found: RateLimiterRes): LimitHeaders =>
  ({ "ratelimit-limit": String(limiter.points), "ratelimit-remaining": String(found.remainingPoints), "ratelimit-reset": String(secondsOf(found)) });

async function take(limiter: RateLimiterMemory | null, who: string): Promise<LimitHeaders> {
  if (limiter === null) return {};
  try {
    return headersOf(limiter, await limiter.consume(who));
  } catch (error) {
    if (!(error instanceof RateLimiterRes)) throw error;
    const seconds = secondsOf(error);
    throw new Problem("rate-limited", `Too many requests; try again in ${seconds} s.`, { headers: { ...headersOf(limiter, error), "retry-after": String(seconds) } });
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

  address(address: string): Promise<LimitHeaders> {
    return take(this.#perAddress, countedAs(address));
  }

  key(keyId: string): Promise<LimitHeaders> {
    return take(this.#perKey, keyId);
  }

  /** Refuses an address that has guessed too often, before another key of it is looked up. */
  async guesser(address: string): Promise<void> {
    const seen = await this.#guesses?.get(countedAs(address));
    if (seen !== null && seen !== undefined && seen.remainingPoints <= 0) await take(this.#guesses, countedAs(address));
  }

  async guessed(address: string): Promise<void> {
    await take(this.#guesses, countedAs(address));
  }
}
