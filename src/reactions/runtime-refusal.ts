import { Refusal, type RefusalCode } from "#domain/kernel/errors.ts";

const codes: ReadonlySet<string> = new Set<RefusalCode>(["image-not-found", "image-pull-unauthorized", "image-pull-failed", "runtime-unavailable"]);

/** What an engine refused, as a refusal of the request that led to it; other errors stay themselves. */
export function refusalOf(error: unknown): unknown {
  const { code } = error as { code?: unknown };
  return error instanceof Error && error.name === "RuntimeError" && typeof code === "string" && codes.has(code)
    ? new Refusal(code as RefusalCode, error.message) : error;
}
