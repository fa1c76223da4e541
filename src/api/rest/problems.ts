import type { RefusalCode } from "#domain/kernel/errors.ts";
import type { AgentFailureCode } from "#reactions/ports.ts";

/** Problems that the interface itself finds. */
export type InterfaceCode =
  | "unauthenticated" | "invalid-api-key" | "malformed-request" | "malformed-json" | "unsupported-media-type" | "payload-too-large"
  | "invalid-query" | "invalid-cursor" | "invalid-idempotency-key" | "idempotency-in-progress" | "not-found"
  | "method-not-allowed" | "rate-limited" | "unavailable" | "read-model-behind" | "internal-error" | "task-cancelled" | "task-lost";

/** Every problem that this server answers; the slug of its type. */
export type ProblemCode = RefusalCode | AgentFailureCode | InterfaceCode;

type Entry = readonly [status: number, title: string];

/** Status and title of every problem. */
export const problems: Readonly<Record<ProblemCode, Entry>> = {
  "account-not-found": [404, "There is no such account"],
  "agent-already-registered": [409, "The agent or this version of it is registered already"],
  "agent-busy": [503, "The agent takes no more work at the moment"],
  "agent-deregistered": [409, "The agent was deregistered"],
  "agent-failed": [502, "The agent failed"],
  "agent-has-active-instances": [409, "Instances of the agent are live"],
  "agent-needs-input": [422, "The agent asks for more input, which a task cannot give"],
  "agent-not-found": [404, "There is no such agent"],
  "agent-protocol-error": [502, "The agent's answer breaks its protocol"],
  "agent-rejected-input": [422, "The agent refused the input"],
  "agent-response-too-large": [502, "The agent's answer is too large"],
  "agent-timeout": [504, "The agent did not answer in time"],
  "agent-unreachable": [502, "The agent cannot be reached"],
  "api-key-not-found": [404, "There is no such API key"],
  "capacity-exhausted": [409, "Every instance that the agent allows is taken"],
  "currency-mismatch": [422, "The agent is priced in another currency than the account's"],
  "endpoint-not-allowed": [422, "The address is not one that agents may be reached at"],
  "engine-not-found": [404, "There is no such engine"],
  "forbidden-container-option": [422, "Containers may not be given this option"],
  "idempotency-in-progress": [409, "A request with this Idempotency-Key is being worked on"],
  "idempotency-key-reused": [422, "The Idempotency-Key was used for another request"],
  "image-not-found": [422, "The image does not exist"],
  "image-pull-failed": [502, "The image could not be pulled"],
  "image-pull-unauthorized": [422, "The registry refused the credentials"],
  "instance-not-found": [404, "There is no such instance"],
  "instance-not-running": [409, "The instance does not run"],
  "instance-start-failed": [502, "The instance did not start"],
  "insufficient-scope": [403, "The key may not do this"],
  "internal-error": [500, "Something went wrong on the server"],
  "invalid-api-key": [401, "The API key is not valid"],
  "invalid-cursor": [400, "The cursor is not one that this server gave"],
  "invalid-endpoint-path": [422, "The endpoint is not a plain path"],
  "invalid-idempotency-key": [400, "The Idempotency-Key is not valid"],
  "invalid-image-reference": [422, "The image reference is not valid"],
  "invalid-manifest": [422, "The manifest cannot be read"],
  "invalid-pricing": [422, "The pricing is not valid"],
  "invalid-query": [422, "The query is not valid"],
  "invalid-resources": [422, "The resources are not valid"],
  "invalid-state-transition": [409, "The instance's status does not allow this"],
  "malformed-json": [400, "The body is not JSON"],
  "malformed-request": [400, "The request cannot be read"],
  "method-not-allowed": [405, "The method does not exist here"],
  "not-configurable": [422, "The agent does not let this be configured"],
  "not-found": [404, "There is nothing at this address"],
  "pause-failed": [502, "The instance could not be paused"],
  "payload-too-large": [413, "The body is too large"],
  "quota-exceeded": [403, "The account's quota is used up"],
  "rate-limited": [429, "Too many requests"],
  "read-model-behind": [503, "What was written is not readable yet"],
  "resume-failed": [502, "The instance could not be resumed"],
  "runtime-unavailable": [503, "The container engine cannot be reached"],
  "task-cancelled": [409, "The task was cancelled"],
  "task-lost": [502, "Nobody knows how the task ended"],
  "task-not-found": [404, "There is no such task"],
  "unauthenticated": [401, "The request names no API key"],
  "unavailable": [503, "A store cannot be reached"],
  "unknown-endpoint": [422, "The agent has no such endpoint"],
  "unsupported-media-type": [415, "The body's media type is not supported"],
  "usage-conflict": [409, "The same usage was reported with other figures"],
  "usage-time-out-of-range": [422, "The usage's time is out of range"],
  "validation-failed": [422, "The request is not valid"],
};

/** Whether a text is a problem's code. */
export const isProblemCode = (code: string): code is ProblemCode => Object.hasOwn(problems, code);
