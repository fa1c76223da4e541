import { BillingCheck, type BillingCheckParts, type Place } from "#reactions/billing-check.ts";

/** A figure of an instance's bill that is not what its events say. */
export const difference = (instance_id: string) => ({ instance_id, read_model: "instance-billing", field: "total_cost", from_events: "1.50", from_read_model: "1.00" });

/** Bills that a check looks at, in pages; those named differ, or cannot be read. */
export function bills(live: readonly string[], all: readonly string[], more: Partial<BillingCheckParts> = {}) {
  const looked: string[] = [];
  const wrong = new Set<string>();
  const broken = new Set<string>();
  const kept = new Map<string, unknown>();
  const system: BillingCheckParts["system"] = {
    get: (kind, key) => Promise.resolve(kept.get(`${kind}/${key}`) ?? null), put: (kind, key, value) => { kept.set(`${kind}/${key}`, value); return Promise.resolve(); },
  };
  const check = new BillingCheck({
    system,
    page: (of, after, max) => {
      const list = of === "live" ? live : all;
      const from = after === undefined ? 0 : list.indexOf(after.id) + 1;
      return Promise.resolve(list.slice(from, from + max).map((id): Place => ({ id, value: id })));
    },
    audit: ({ instance }) => {
      looked.push(instance);
      if (broken.has(instance)) return Promise.reject(new Error(`${instance} cannot be read`));
      return Promise.resolve({ events_read: 10, differences: wrong.has(instance) ? [difference(instance)] : [] });
    },
    ...more,
  });
  const round = async (differed: readonly string[] = []) => { looked.length = 0; const answer = await check.round(differed); return { ...answer, looked: [...looked] }; };
  return { check, round, wrong, broken, system };
}
