import { detailBeside, isProblem, type ProblemError } from "#client/problem.ts";
import { CliError, exitCodes } from "./exit.ts";
import { fileWords } from "./file-words.ts";
import { agentWords } from "./output.ts";

/** A failure as it is shown: in words, or as JSON. */
export interface Failure {
  readonly code: number;
  readonly type: string;
  readonly title: string;
  readonly detail?: string | undefined;
  readonly status?: number | undefined;
  readonly errors: readonly { readonly field: string; readonly message: string }[];
  readonly hint?: string | undefined;
  readonly task_id?: string | undefined;
  readonly upstream_status?: number | undefined;
  readonly upstream_body?: unknown;
}

const hints: Readonly<Record<string, string>> = {
  "unauthenticated": "Give a key by --api-key, AGENTHUB_API_KEY or `agenthub login`.",
  "invalid-api-key": "The key is unknown or revoked. Log in again with `agenthub login`, or have one made by `agenthub api-keys create`.",
  "insufficient-scope": "This key's account lacks the role. An operator opens an account with it by `agenthub account-create`.",
  "unreachable": "Start a server with `agenthub serve`, or name another one by --server or AGENTHUB_SERVER.",
  "not-agenthub": "Name the server by --server or AGENTHUB_SERVER.",
  "agent-not-found": "List what there is with `agenthub marketplace-discover`.",
  "instance-not-found": "List yours with `agenthub instance-list`.",
  "task-not-found": "List an instance's tasks with `agenthub instance-tasks <instance>`.",
  "capacity-exhausted": "Wait until an instance of this agent ends, or choose another agent with `agenthub marketplace-discover --available`.",
  "instance-not-running": "See its status with `agenthub instance-details <instance>`; a paused one runs again after `agenthub instance-resume <instance>`.",
  "invalid-state-transition": "See its status with `agenthub instance-details <instance>`.",
  "agent-has-active-instances": "Deregister it when its last instance has ended.",
  "agent-already-registered": "Give the manifest another version, then register it again or run `agenthub agent-version <agent> --config agent.yaml`.",
  "image-pull-unauthorized": "Give --registry-user, and the password by AGENTHUB_REGISTRY_PASSWORD or `--registry-pass -`.",
  "image-pull-failed": "Build or pull the image on the engine's machine first, or check its name and that the engine reaches its registry.",
  "image-not-found": "Check the image's name and tag, and that the engine or its registry has it.",
  "unknown-endpoint": "`agenthub agent-details <agent>` shows its endpoints.",
  "idempotency-key-reused": "Send it under another Idempotency-Key.",
  "runtime-unavailable": "No container engine answers. `agenthub doctor` says more.",
  "agent-timeout": "Allow more time with --timeout.",
};

// A task that an agent failed has these statuses too, but trying again later is not the answer to it.
const failedTask = (problem: ProblemError): boolean =>
  problem.status === 502 || (problem.extensions["task_id"] !== undefined && problem.status !== 504 && problem.status !== 503);

const codes: Readonly<Record<number, number>> = {
  0: exitCodes.unavailable, 401: exitCodes.notPermitted, 403: exitCodes.notPermitted, 404: exitCodes.notFound, 409: exitCodes.conflict,
  412: exitCodes.conflict, 429: exitCodes.unavailable, 503: exitCodes.unavailable, 504: exitCodes.unavailable,
};

function codeOf(problem: ProblemError): number {
  if (failedTask(problem)) return exitCodes.failed;
  return codes[problem.status] ?? (problem.status >= 400 && problem.status < 500 ? exitCodes.usage : exitCodes.failed);
}

function fromProblem(problem: ProblemError): Failure {
  const wait = problem.retryAfter === undefined ? undefined : `Try again in ${problem.retryAfter} s.`;
  const { task_id: task, upstream_status: upstream, upstream_body } = problem.extensions;
  return {
    code: codeOf(problem), type: problem.type, title: problem.title, detail: problem.detail, status: problem.status,
    errors: problem.errors, hint: hints[problem.type] ?? wait, ...(typeof task === "string" ? { task_id: task } : {}), ...(typeof upstream === "number" ? { upstream_status: upstream } : {}),
    ...(upstream_body === undefined ? {} : { upstream_body }),
  };
}

function fromError(error: Error): Failure {
  const { name, message, code, path } = error as NodeJS.ErrnoException;
  if (name === "ConfigError") return { code: exitCodes.usage, type: "usage", title: message, errors: [], hint: "`agenthub serve --help` lists every setting." };
  if (name === "TimeoutError") return { code: exitCodes.unavailable, type: "unavailable", title: "No answer in time", errors: [] };
  // Answers are read as this release's schema has them.
  if (name === "TypeError") return { code: exitCodes.failed, type: "unexpected-answer", title: "The answer was not understood", detail: message, errors: [], hint: "The server may be of another version; `agenthub doctor` tells." };
  if (code !== undefined && path !== undefined) return { code: exitCodes.failed, type: "failed", title: `${path}: ${fileWords[code] ?? code}`, errors: [] };
  return { code: exitCodes.failed, type: "failed", title: message, errors: [] };
}

/** Sorts any error into what the user is told and the exit code. */
export function failureOf(error: unknown, interrupted: boolean): Failure {
  if (interrupted) return { code: exitCodes.interrupted, type: "interrupted", title: "Interrupted", errors: [] };
  if (isProblem(error)) return fromProblem(error);
  if (error instanceof CliError) {
    const type = Object.entries(exitCodes).find(([, code]) => code === error.code)?.[0] ?? "failed";
    return { code: error.code, type: type.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`), title: error.message, errors: error.fields, hint: error.hint };
  }
  return error instanceof Error ? fromError(error) : { code: exitCodes.failed, type: "failed", title: String(error), errors: [] };
}

const fieldWords = ({ field, message }: Failure["errors"][number]): string => `${field === "" ? "(whole)" : field}: ${message}`;

/** A failure in words: what happened, which fields, the way out. */
export function describeFailure(failure: Failure): string {
  const { errors, hint, task_id, upstream_body } = failure;
  const lines = [`error: ${[failure.title, detailBeside(failure)].filter((part) => part !== undefined).join(": ")}`, ...errors.map((error) => `  ${fieldWords(error)}`)];
  if (upstream_body !== undefined) lines.push(`the agent said: ${agentWords(upstream_body)}`);
  if (task_id !== undefined) lines.push(`task: ${task_id}`);
  if (hint !== undefined) lines.push(`hint: ${hint}`);
  return `${lines.join("\n")}\n`;
}
