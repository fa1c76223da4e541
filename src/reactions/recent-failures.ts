import type { StoredEvent } from "#domain/kernel/event.ts";
import { fromMillis } from "#domain/kernel/time.ts";
import type { Condition } from "./alerts.ts";

/** So many failed instances of one agent are no accident. */
const several = 3;
const hourMs = 3_600_000;
/** More are as bad as so many. */
const most = 10_000;

interface Failure {
  readonly instance_id: string;
  readonly reason: string;
  readonly at: string;
}

/** The instances that failed within the last hour, seen by agent. */
export class RecentFailures {
  #failures: Failure[] = [];

  /** Takes note of an event of the log. */
  readonly observe = ({ type, data, metadata: { recorded_at } }: StoredEvent): void => {
    if (type !== "InstanceFailed") return;
    const { instance_id, reason } = data as { instance_id: string; reason: string };
    this.#failures.push({ instance_id, reason, at: recorded_at });
    if (this.#failures.length > most) this.#failures.shift();
  };

  /** Agents of which several instances failed. */
  async conditions(now: number, agentsOf: (instanceIds: readonly string[]) => Promise<ReadonlyMap<string, string>>): Promise<Condition[]> {
    const from = fromMillis(now - hourMs);
    this.#failures = this.#failures.filter(({ at }) => at >= from);
    const latest = new Map(this.#failures.map((failure) => [failure.instance_id, failure]));
    if (latest.size < several) return [];
    const agents = await agentsOf([...latest.keys()]);
    const byAgent = Map.groupBy(latest.values(), ({ instance_id }) => agents.get(instance_id));
    return [...byAgent].flatMap(([subject, failed]): Condition[] => {
      if (subject === undefined || failed.length < several) return [];
      const reasons = [...new Set(failed.map(({ reason }) => reason))].toSorted().join(", ");
      return [{ code: "instances-failing", severity: "warning", subject, words: `${failed.length} instances of ${subject} failed within an hour: ${reasons}` }];
    });
  }
}
