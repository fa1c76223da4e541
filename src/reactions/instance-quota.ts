import type { CommandRequest, Executor } from "#commands/execute.ts";
import { enrollInstance, type Enrolment, type Room } from "#commands/ledger/enroll-instance.ts";
import { instance } from "#domain/instance/instance.ts";
import { isEnded } from "#domain/instance/transitions.ts";
import { isRefusal } from "#domain/kernel/errors.ts";
import { ledgerStream } from "#domain/kernel/ids.ts";
import { ledger } from "#domain/ledger/ledger.ts";

/** An account's live instances as a read model has them. */
export interface LiveInstances {
  readonly ids: readonly string[];
  /** Whether it knows of everything that was written until it was asked. */
  readonly complete: boolean;
}

/** What a quota needs to know. */
export interface QuotaParts {
  readonly executor: Executor;
  /** Live instances that an account may have. */
  readonly most: number;
  readonly liveOf: (accountId: string) => Promise<LiveInstances>;
}

const atOnce = 100;
const remembered = 100_000;

/**
 * Holds accounts to their quota when they enrol an instance. Every enrolment is an append to the account's ledger at an exact
 * revision, so whoever decides knows of all of them, whichever process they came by; the read model only says which have ended.
 */
export class InstanceQuota {
  readonly #parts: QuotaParts;
  /** Instances that were seen to have ended, which none ever takes back. */
  readonly #ended = new Set<string>();

  constructor(parts: QuotaParts) {
    this.#parts = parts;
  }

  /** Enrols an instance; refuses it with quota-exceeded when the account has no room. */
  async enrol(enrolment: Enrolment, request: CommandRequest): Promise<void> {
    const { executor, most, liveOf } = this.#parts;
    const within = async (room: Room): Promise<void> => { await executor.execute(enrollInstance, { ...enrolment, room }, request); };
    const { ids, complete } = await liveOf(enrolment.account_id);
    const live = new Set(ids);
    if (complete)
      try {
        return await within({ most, live: live.size, counted: live });
      } catch (error) {
        if (!isRefusal(error) || error.code !== "quota-exceeded" || live.size >= most) throw error;
      }
    await within(await this.#lookCloser(enrolment.account_id, live, complete));
  }

  // Of what the read model does not show live some has ended, and some is not there yet: the streams tell.
  async #lookCloser(accountId: string, seen: ReadonlySet<string>, complete: boolean): Promise<Room> {
    const { executor, most } = this.#parts;
    const { state } = await executor.state(ledger, ledgerStream(accountId));
    const counted = new Set(complete ? seen : []);
    const unknown = [...(complete ? state.recent.keys() : state.instances)].filter((id) => !counted.has(id));
    let live = counted.size;
    for (let from = 0; from < unknown.length; from += atOnce)
      for (const [id, life] of await Promise.all(unknown.slice(from, from + atOnce).map(async (id) => [id, await this.#lifeOf(id)] as const))) {
        if (life === "none") continue;
        counted.add(id);
        if (life === "live") live += 1;
      }
    return { most, live, counted };
  }

  async #lifeOf(instanceId: string): Promise<"none" | "live" | "ended"> {
    if (this.#ended.has(instanceId)) return "ended";
    const { state: { status, failure } } = await this.#parts.executor.state(instance, instanceId);
    if (status === "none") return "none";
    if (!isEnded(status) && failure === null) return "live";
    if (this.#ended.size >= remembered) this.#ended.clear();
    this.#ended.add(instanceId);
    return "ended";
  }
}
