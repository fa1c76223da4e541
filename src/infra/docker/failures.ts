import { RuntimeError } from "#reactions/ports.ts";

const unreachable = new Set([
  "ECONNREFUSED", "ECONNRESET", "ECONNABORTED", "ENOENT", "EACCES", "EPERM", "EPIPE", "ETIMEDOUT", "ENOTFOUND", "EAI_AGAIN",
  "EHOSTUNREACH", "ENETUNREACH", "ABORT_ERR",
]);

// An engine's own words name paths of its host: only what a customer can act on is passed on, in these words.
const known: readonly (readonly [RegExp, string])[] = [
  [/range of cpus/i, "The engine has fewer processors than the container asks for"],
  [/minimum memory limit/i, "The memory limit is below what the engine allows"],
  [/no command specified/i, "The image names no command to run"],
  [/permission denied/i, "The image's command may not be executed by its user"],
  [/executable file not found|no such file or directory|stat .+: not a directory/i, "The image's command is not in the image"],
  [/exec format error/i, "The image is made for another processor"],
  [/unable to find user|no matching entries in passwd/i, "The image's user is not in the image"],
  [/port is already allocated|address already in use/i, "The engine has no free port for the container"],
  [/no space left/i, "The engine has no disk space left"],
  [/address pool/i, "The engine has no network left for another account"],
  [/cannot allocate memory|out of memory/i, "The engine has no memory left"],
];

/** The status of the engine's answer; undefined when it gave none. */
export function statusOf(error: unknown): number | undefined {
  const status = (error as { statusCode?: unknown } | null)?.statusCode;
  return typeof status === "number" ? status : undefined;
}

/** The engine's own words, for matching alone. */
export const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Whether the engine says that the thing is gone. */
export const isGone = (error: unknown): boolean => statusOf(error) === 404;

/** The RuntimeError for the case that no engine answers; undefined when one did. */
export function unavailable(error: unknown): RuntimeError | undefined {
  const { code, name } = (error ?? {}) as { code?: unknown; name?: unknown };
  const lost = (typeof code === "string" && unreachable.has(code)) || name === "AbortError" || name === "TimeoutError"
    || (statusOf(error) === undefined && /socket hang up|aborted/i.test(wordsOf(error)));
  return lost ? new RuntimeError("runtime-unavailable", "The container engine does not answer", { cause: error }) : undefined;
}

/** What a failed call to the engine means to its caller. */
export function toRuntimeError(error: unknown, doing: string): RuntimeError {
  if (error instanceof RuntimeError) return error;
  const lost = unavailable(error);
  if (lost !== undefined) return lost;
  const words = wordsOf(error);
  if (isGone(error) && /no such image/i.test(words))
    return new RuntimeError("image-not-found", "The engine no longer has the image", { cause: error });
  const reason = known.find(([pattern]) => pattern.test(words))?.[1];
  const status = statusOf(error);
  const detail = reason ?? `The container engine could not ${doing}${status === undefined ? "" : ` (status ${status})`}`;
  return new RuntimeError("container-failed", detail, { cause: error });
}

/** Calls the engine and turns what it throws into a RuntimeError. */
export async function attempt<T>(doing: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw toRuntimeError(error, doing);
  }
}
