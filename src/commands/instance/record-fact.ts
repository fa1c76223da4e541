import { z } from "zod";
import { defineCommand } from "#domain/kernel/aggregate.ts";
import { catalogue } from "#domain/catalogue.ts";
import type { InstanceEvent } from "#domain/instance/events.ts";
import { instance, type InstanceState } from "#domain/instance/instance.ts";
import { allows, isTransition, transitions } from "#domain/instance/transitions.ts";

const intents = new Set(["InstanceRequested", "PauseRequested", "ResumeRequested", "TerminationRequested"]);

const fact = z.custom<InstanceEvent>((value) => {
  const { type, data } = value as InstanceEvent;
  const known = catalogue.get(type);
  return known !== undefined && instance.events.includes(known) && !intents.has(type) && known.schema.safeParse(data).success;
}, "must be an outcome of an instance");

function isNews(event: InstanceEvent, state: InstanceState): boolean {
  switch (event.type) {
    case "HealthDegraded": return state.status === "running" && state.healthy !== false;
    case "HealthRecovered": return state.status === "running" && state.healthy === false;
    case "TimeUnproven": return state.status === "running";
    case "UsageDayOpened": return !state.usage_days.includes(event.data.day);
    default: return isTransition(event.type) && allows(state.status, event.type);
  }
}

function isNewsAfter(event: InstanceEvent, fact: InstanceEvent, state: InstanceState): boolean {
  return isNews(event, isTransition(fact.type) ? { ...state, status: transitions[fact.type].to } : state);
}

/**
 * Records what the world did, and what it leads to at once, so that no time passes in between.
 * A fact that the state has no place for any more is dropped: the next look decides anew.
 */
export const recordFact = defineCommand({
  name: "RecordFact",
  input: z.object({ fact, also: fact.optional() }),
  aggregate: instance,
  stream: (input) => input.fact.data.instance_id,
  decide: ({ fact: first, also }, state) => {
    if (!isNews(first, state)) return [];
    return also !== undefined && isNewsAfter(also, first, state) ? [first, also] : [first];
  },
});
