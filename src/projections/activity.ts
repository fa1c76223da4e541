import { accountOpened, apiKeyIssued, apiKeyRevoked } from "#domain/account/account.ts";
import { agent } from "#domain/agent/agent.ts";
import { instanceEvents } from "#domain/instance/events.ts";
import { each, type EventName, type Fact, instanceOf, projection } from "./projection.ts";
import { describe } from "./words.ts";

/** Something that happened to an account, in words. */
export interface ActivityDocument {
  readonly account_id: string;
  readonly position: string;
  readonly at: string;
  readonly type: string;
  readonly agent_id: string | null;
  readonly instance_id: string | null;
  readonly description: string;
}

const record = (event: Fact): ActivityDocument => ({
  account_id: event.metadata.account, position: event.position, at: event.metadata.recorded_at, type: event.type,
  agent_id: event.metadata.agent ?? null, instance_id: instanceOf(event), description: describe(event),
});

const told = [...instanceEvents, ...agent.events, accountOpened, apiKeyIssued, apiKeyRevoked]
  .map((event) => event.type as EventName).filter((type) => type !== "UsageDayOpened");

/** Activity by event; tasks have a history of their own. */
export const activity = projection<ActivityDocument>({
  name: "activity",
  version: 1,
  indexes: [{ name: "by_account", equals: ["account_id"], sort: "position" }],
  key: (event) => event.id,
  start: each(told, record),
  on: {},
});

/** An entry as the dashboard shows it. */
export const activityView = ({ at, type, agent_id, instance_id, description }: ActivityDocument) => ({ at, type, agent_id, instance_id, description });
