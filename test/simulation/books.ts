import type { TaskView } from "#reactions/services.ts";

/** An agent that somebody was told of. */
export interface KnownAgent {
  readonly agent_id: string;
  readonly publisher: string;
  readonly name: string;
  readonly kind: "docker" | "standard";
}

/** An instance that somebody was told of, or may have made. */
export interface KnownInstance {
  readonly instance_id: string;
  readonly agent: KnownAgent;
  readonly customer: string;
}

/** A usage report as it was sent. */
export interface Report {
  readonly instance: KnownInstance;
  readonly source: string;
  readonly id: string;
  readonly time: string;
  readonly meter: string;
  readonly quantity: string;
}

const identity = ({ instance, source, id }: Report): string => JSON.stringify([instance.instance_id, source, id]);
const payload = ({ time, meter, quantity }: Report): string => JSON.stringify([time, meter, quantity]);

/** What the people outside were told: the application is held to it. */
export class Books {
  /** Command ids whose effect was acknowledged, and what they were for. */
  readonly written = new Map<string, string>();
  /** Command ids that were refused for good. */
  readonly refused = new Map<string, string>();
  readonly admitted = new Set<string>();
  readonly endings = new Map<string, TaskView["status"]>();
  readonly created = new Set<string>();
  /** Usage identities to what was accepted of them. */
  readonly reports = new Map<string, string>();
  readonly agents = new Map<string, KnownAgent>();
  readonly instances = new Map<string, KnownInstance>();
  readonly tasks: { readonly task_id: string; readonly instance: KnownInstance }[] = [];
  readonly sent: Report[] = [];
  readonly keys: { readonly account: string; readonly key_id: string }[] = [];
  /** What contradicts what was said before. */
  readonly contradictions: string[] = [];
  readonly #answers = new Map<string, string>();

  acknowledge(commandId: string, what: string, changed: boolean): void {
    if (changed) this.written.set(commandId, what);
  }

  /** One key always leads to one thing. */
  sameAnswer(key: string | undefined, answer: string): void {
    if (key === undefined) return;
    const before = this.#answers.get(key);
    if (before !== undefined && before !== answer) this.contradictions.push(`key ${key} led to ${before} and then to ${answer}`);
    this.#answers.set(key, answer);
  }

  ended({ task_id, status, result }: TaskView): void {
    if (status === "running" || status === "lost") return;
    const before = this.endings.get(task_id);
    if (before !== undefined && before !== status) this.contradictions.push(`${task_id} was ${before} and is ${status}`);
    this.endings.set(task_id, status);
    const expected = JSON.stringify({ done: task_id });
    if (status === "completed" && JSON.stringify(result) !== expected) this.contradictions.push(`${task_id} completed without its result: ${JSON.stringify(result)}`);
  }

  accepted(report: Report): void {
    const before = this.reports.get(identity(report));
    if (before !== undefined && before !== payload(report)) this.contradictions.push(`${identity(report)} was accepted as ${before} and as ${payload(report)}`);
    this.reports.set(identity(report), payload(report));
  }
}
