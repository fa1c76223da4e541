import { readData } from "#domain/catalogue.ts";
import { type Meter, emptyMeter, measure } from "#domain/billing/meter.ts";
import type { Price } from "#domain/billing/price.ts";
import type { InstanceEvent } from "#domain/instance/events.ts";
import type { DomainEvent, Recorded, StoredEvent } from "#domain/kernel/event.ts";
import type { LedgerEvent } from "#domain/ledger/ledger.ts";
import { type UsageEvent, usageIdentity } from "#domain/usage/usage.ts";

/** What the audit holds of one instance. */
export interface AuditedInstance {
  readonly instance_id: string;
  account_id: string;
  agent_id: string;
  price: Price | null;
  meter: Meter;
  /** The meter at the position of the document that it is compared with. */
  documented: Meter;
  /** The position of its last event that a bill depends on. */
  position: string;
  readonly days: Set<string>;
  readonly usageDays: Set<string>;
  /** Ends of tasks and usage identities that were counted. */
  readonly counted: Set<string>;
  readonly doubled: string[];
}

type Fact = Recorded<InstanceEvent> | Recorded<UsageEvent> | Recorded<LedgerEvent>;

const countedOnce = (fact: Fact): string | null => {
  if (fact.type === "TaskSucceeded") return fact.data.task_id;
  return fact.type === "UsageRecorded" ? usageIdentity(fact.data.source, fact.data.id) : null;
};

/** Folds events of the whole log, or of chosen streams, into what every instance owes. Counts each charge once and tells what was doubled. */
export class LedgerFold {
  readonly instances = new Map<string, AuditedInstance>();
  readonly enrolled = new Map<string, string>();
  readonly unreadable: string[] = [];
  events = 0;
  readonly #documentPositions: ReadonlyMap<string, string>;

  constructor(documentPositions: ReadonlyMap<string, string>) {
    this.#documentPositions = documentPositions;
  }

  add(event: StoredEvent): void {
    this.events += 1;
    const data = readData(event.type, event.data);
    if (data === null) {
      this.unreadable.push(`${event.stream}@${event.revision} (${event.type})`);
      return;
    }
    const fact = { ...event, data } as StoredEvent & Fact;
    if (fact.type === "InstanceEnrolled") {
      this.enrolled.set(fact.data.instance_id, fact.data.account_id);
      return;
    }
    if (event.stream.startsWith("instance-") || event.stream.startsWith("usage-")) this.#measure(fact);
  }

  #measure(fact: StoredEvent & Fact): void {
    const id = fact.data.instance_id;
    const known = this.instances.get(id) ?? this.#open(id);
    if (fact.type === "InstanceRequested")
      Object.assign(known, { account_id: fact.data.customer_id, agent_id: fact.data.agent_id, price: fact.data.price });
    if (fact.type === "UsageDayOpened") known.days.add(fact.data.day);
    if (fact.stream.startsWith("usage-")) known.usageDays.add(fact.stream.slice(-8));
    const identity = countedOnce(fact);
    if (identity !== null && known.counted.has(identity)) {
      known.doubled.push(identity);
      return;
    }
    if (identity !== null) known.counted.add(identity);
    known.meter = measure(known.meter, fact as Recorded<DomainEvent>);
    if (fact.position <= (this.#documentPositions.get(id) ?? "")) known.documented = measure(known.documented, fact as Recorded<DomainEvent>);
    if (fact.position > known.position) known.position = fact.position;
  }

  #open(id: string): AuditedInstance {
    const opened: AuditedInstance = {
      instance_id: id, account_id: "", agent_id: "", price: null, meter: emptyMeter, documented: emptyMeter, position: "",
      days: new Set(), usageDays: new Set(), counted: new Set(), doubled: [],
    };
    this.instances.set(id, opened);
    return opened;
  }
}

