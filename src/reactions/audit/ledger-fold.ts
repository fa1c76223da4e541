import { readData } from "#domain/catalogue.ts";
import { type Meter, emptyMeter, isSettled, measure } from "#domain/billing/meter.ts";
import type { Price } from "#domain/billing/price.ts";
import type { InstanceEvent } from "#domain/instance/events.ts";
import type { DomainEvent, Recorded, StoredEvent } from "#domain/kernel/event.ts";
import { dayOf } from "#domain/kernel/time.ts";
import type { LedgerEvent } from "#domain/ledger/ledger.ts";
import { oldestLookedUp, type UsageEvent, usageIdentity } from "#domain/usage/usage.ts";

/** What the audit holds of one instance. */
export interface AuditedInstance {
  readonly instance_id: string;
  account_id: string;
  agent_id: string;
  publisher_id: string;
  price: Price | null;
  meter: Meter;
  /** The positions of its request, of the event that settled its bill, and of the last that changed it; empty before. */
  requested: string;
  settled: string;
  metered: string;
  /** By read model, the meter at the position of the document that it is compared with. */
  readonly documented: Map<string, Meter>;
  /** The position of its last event that a bill depends on. */
  position: string;
  readonly days: Set<string>;
  readonly usageDays: Set<string>;
  /** Usage identities with the days that they were counted on. */
  readonly counted: Map<string, string[]>;
  /** Tasks that were admitted and have not ended. */
  readonly open: Set<string>;
  /** Charges that are there twice, or for a task that nobody admitted. */
  readonly doubled: string[];
}

type Fact = Recorded<InstanceEvent> | Recorded<UsageEvent> | Recorded<LedgerEvent>;

/** Where a read model's document of an instance stands. */
export interface DocumentPosition {
  readonly read_model: string;
  readonly position: string;
}

const uuidOf = (id: string): string => id.slice(id.indexOf("-") + 1);
const belongs = (stream: string, id: string): boolean => stream === id || stream.startsWith(`usage-${uuidOf(id)}-`);

/** Folds events of the whole log, or of chosen streams, into what every instance owes. Counts each charge once and tells what was doubled. */
export class LedgerFold {
  readonly instances = new Map<string, AuditedInstance>();
  readonly enrolled = new Map<string, string>();
  /** Events that cannot be read, are missing, or are in a stream that is not theirs. */
  readonly broken: string[] = [];
  events = 0;
  readonly #documents: ReadonlyMap<string, readonly DocumentPosition[]>;
  readonly #revisions = new Map<string, number>();

  constructor(documents: ReadonlyMap<string, readonly DocumentPosition[]>) {
    this.#documents = documents;
  }

  add(event: StoredEvent): void {
    this.events += 1;
    const charges = event.stream.startsWith("instance-") || event.stream.startsWith("usage-");
    if (charges) this.#assertNoGap(event);
    const data = readData(event);
    if (data === null) {
      this.broken.push(`${event.stream}@${event.revision} (${event.type})`);
      return;
    }
    const fact = { ...event, data } as StoredEvent & Fact;
    if (fact.type === "InstanceEnrolled") this.enrolled.set(fact.data.instance_id, fact.data.account_id);
    else if (charges) this.#measure(fact);
  }

  #measure(fact: StoredEvent & Fact): void {
    const id = fact.data.instance_id;
    if (!belongs(fact.stream, id)) this.broken.push(`${fact.stream}@${fact.revision} (${fact.type}) is about ${id}`);
    const known = this.instances.get(id) ?? this.#open(id);
    if (fact.type === "InstanceRequested")
      Object.assign(known, {
        account_id: fact.data.customer_id, agent_id: fact.data.agent_id, publisher_id: fact.data.publisher_id, price: fact.data.price,
        requested: fact.position,
      });
    if (fact.type === "UsageDayOpened") known.days.add(fact.data.day);
    if (fact.stream.startsWith("usage-")) known.usageDays.add(fact.stream.slice(-8));
    if (!isNew(known, fact)) return;
    this.#charge(known, fact);
    if (fact.position > known.position) known.position = fact.position;
  }

  #charge(known: AuditedInstance, fact: StoredEvent & Fact): void {
    const before = known.meter;
    known.meter = measure(before, fact as Recorded<DomainEvent>);
    if (known.meter !== before && fact.position > known.metered) known.metered = fact.position;
    if (known.settled === "" && (isSettled(known.meter) || neverRan.has(fact.type))) known.settled = fact.position;
    for (const { read_model, position } of this.#documents.get(fact.data.instance_id) ?? []) {
      if (fact.position > position) continue;
      const meter = known.documented.get(read_model) ?? emptyMeter;
      // Up to its document's position a meter is the very same as the instance's.
      known.documented.set(read_model, meter === before ? known.meter : measure(meter, fact as Recorded<DomainEvent>));
    }
  }

  // Revisions count from 0 without a gap, so an event that was taken out shows.
  #assertNoGap({ stream, revision }: StoredEvent): void {
    const expected = this.#revisions.get(stream) ?? 0;
    if (revision !== expected) this.broken.push(`${stream}@${expected} is missing`);
    this.#revisions.set(stream, revision + 1);
  }

  #open(id: string): AuditedInstance {
    const opened: AuditedInstance = {
      instance_id: id, account_id: "", agent_id: "", publisher_id: "", price: null, meter: emptyMeter, requested: "", settled: "", metered: "",
      documented: new Map(), position: "",
      days: new Set(), usageDays: new Set(), counted: new Map(), open: new Set(), doubled: [],
    };
    this.instances.set(id, opened);
    return opened;
  }
}

// Time adds nothing to what never ran either.
const neverRan: ReadonlySet<string> = new Set(["InstanceRejected", "InstanceStartFailed"]);

/** Whether a charge counts: a task ends once, and a report is known again as long as reports are looked up. */
function isNew(known: AuditedInstance, fact: StoredEvent & Fact): boolean {
  if (fact.type === "UsageRecorded") {
    const identity = usageIdentity(fact.data.source, fact.data.id);
    const oldest = oldestLookedUp(fact.metadata.recorded_at);
    const days = known.counted.get(identity) ?? [];
    known.counted.set(identity, [...days, dayOf(fact.data.time)]);
    if (!days.some((day) => day >= oldest)) return true;
    known.doubled.push(identity);
    return false;
  }
  if (!("task_id" in fact.data)) return true;
  const { task_id } = fact.data;
  if (fact.type === "TaskAdmitted") {
    known.open.add(task_id);
    return true;
  }
  if (known.open.delete(task_id)) return true;
  known.doubled.push(task_id);
  return false;
}
