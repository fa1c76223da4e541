import type { AlertCode, Alerts, Condition } from "./alerts.ts";
import type { BillingCheck } from "./billing-check.ts";
import { maintenanceFailing } from "./conditions.ts";

/** A look at something that may be wrong. */
export interface Look {
  /** What is looked at, as a part of maintenance. */
  readonly name: string;
  /** The codes that it finds; of these it finds everything there is. */
  readonly codes: readonly AlertCode[];
  readonly find: () => Promise<readonly Condition[]>;
}

/** What a round of looking needs. */
export interface AlertingParts {
  readonly alerts: Alerts;
  readonly bills: BillingCheck;
  readonly looks: readonly Look[];
}

/** Does a part of maintenance; undefined where it failed, which is then noted. */
export type Attempt = <T>(name: string, work: () => Promise<T>) => Promise<T | undefined>;

/** How many bills a round looked at, and how many of them differed. */
export interface LookedAt {
  readonly bills: number;
  readonly differing: number;
}

/** Looks whether all is well; what could not be looked at stays as it was. */
export async function lookAround({ alerts, bills, looks }: AlertingParts, attempt: Attempt, failures: ReadonlyMap<string, string>): Promise<LookedAt> {
  await attempt("the alerts that last", () => alerts.load());
  for (const { name, codes, find } of looks) {
    const found = await attempt(name, find);
    if (found !== undefined) alerts.settle(found, ({ code }) => codes.includes(code));
  }
  const subjects = (of: AlertCode): string[] => alerts.lasting.flatMap(({ code, subject }) => (code === of ? [subject] : []));
  const { checked, conditions, failure } = await bills.round(subjects("bill-differs"));
  alerts.settle(conditions, ({ code, subject }) => code === "bill-differs" && checked.has(subject));
  if (failure !== null) await attempt("the check of bills", () => Promise.reject(new Error(failure)));
  alerts.settle(maintenanceFailing(failures, subjects("engine-away")), ({ code }) => code === "maintenance-failing");
  await attempt("the record of alerts", () => alerts.save());
  return { bills: checked.size, differing: conditions.length };
}
