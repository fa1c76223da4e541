import { createHash } from "node:crypto";
import type Docker from "dockerode";
import { isGone, statusOf, wordsOf } from "./failures.ts";
import { labels, networkName, ownedBy } from "./names.ts";

/** Subnets to try for an account, in an order of its own so that accounts seldom meet. */
export function subnetsFor(accountId: string): string[] {
  const first = createHash("sha256").update(accountId).digest().readUInt16BE(0);
  return Array.from({ length: 64 }, (_, step) => (first + step) % 1024).map((n) => `10.213.${n >> 2}.${(n & 3) * 64}/26`);
}

/** One bridge per account, so that no customer's agent can reach another's. */
export class AccountNetworks {
  readonly #engine: Docker;
  readonly #installation: string;
  readonly #turns = new Map<string, Promise<unknown>>();

  constructor(engine: Docker, installation: string) {
    this.#engine = engine;
    this.#installation = installation;
  }

  /** Makes sure of the account's network and creates a container on it before anybody may tidy the network away. */
  withNetwork<T>(accountId: string, create: () => Promise<T>): Promise<T> {
    return this.#inTurn(accountId, async () => {
      await this.#ensure(accountId);
      return create();
    });
  }

  /** Removes the account's network when no container is left on it; another pass does it when this one cannot. */
  async tidy(accountId: string): Promise<void> {
    await this.#inTurn(accountId, async () => {
      // By label: an engine's network knows its running containers alone, and a stopped one still needs it.
      const filters = ownedBy(this.#installation, [`${labels.account}=${accountId}`]);
      const left = await this.#engine.listContainers({ all: true, filters });
      if (left.length === 0) await this.#engine.getNetwork(networkName(accountId)).remove();
    }).catch(() => undefined);
  }

  async #ensure(accountId: string): Promise<void> {
    const name = networkName(accountId);
    try {
      await this.#engine.getNetwork(name).inspect();
      return;
    } catch (error) {
      if (!isGone(error)) throw error;
    }
    try {
      await this.#create(accountId);
    } catch (error) {
      if (!/address pool/i.test(wordsOf(error))) throw error;
      await this.#createSmall(accountId, error);
    }
  }

  // An engine's own pools last for some thirty networks: from then on each gets 64 addresses of a range of ours.
  async #createSmall(accountId: string, exhausted: unknown): Promise<void> {
    for (const subnet of subnetsFor(accountId)) {
      try {
        await this.#create(accountId, subnet);
        return;
      } catch (error) {
        if (!/overlap/i.test(wordsOf(error))) throw error; // taken: the next one
      }
    }
    throw exhausted;
  }

  async #create(accountId: string, subnet?: string): Promise<void> {
    try {
      await this.#engine.createNetwork({
        Name: networkName(accountId), Driver: "bridge", CheckDuplicate: true, Internal: false, Attachable: false,
        // Containers of one account have no business with each other either.
        Options: { "com.docker.network.bridge.enable_icc": "false" },
        Labels: { [labels.installation]: this.#installation, [labels.account]: accountId },
        ...(subnet !== undefined && { IPAM: { Driver: "default", Config: [{ Subnet: subnet }] } }),
      });
    } catch (error) {
      if (statusOf(error) !== 409) throw error; // somebody was quicker
    }
  }

  #inTurn<T>(accountId: string, work: () => Promise<T>): Promise<T> {
    const turn = (this.#turns.get(accountId) ?? Promise.resolve()).then(work, work);
    const settled = turn.then(() => undefined, () => undefined);
    this.#turns.set(accountId, settled);
    void settled.then(() => {
      if (this.#turns.get(accountId) === settled) this.#turns.delete(accountId);
    });
    return turn;
  }
}
