/** What the exit codes mean; every command keeps to them. */
export const exitCodes = {
  ok: 0, failed: 1, usage: 2, notFound: 3, notPermitted: 4, conflict: 5, unavailable: 6, interrupted: 130,
} as const;

/** The codes in words, for `--help`. */
export const exitHelp = `Exit codes:
  0  done
  1  failed: a task or instance failed, or an audit found differences
  2  usage error, or input that the server refused as wrong
  3  not found
  4  not permitted, or no valid API key
  5  refused by the present state (conflict)
  6  unavailable, or not finished in the time given`;

/** A failure that the CLI itself found, with the way out. */
export class CliError extends Error {
  override readonly name = "CliError";
  readonly code: number;
  readonly hint: string | undefined;
  readonly fields: readonly { readonly field: string; readonly message: string }[];

  constructor(code: number, message: string, more: { hint?: string | undefined; fields?: readonly { field: string; message: string }[]; cause?: unknown } = {}) {
    super(message, more.cause === undefined ? {} : { cause: more.cause });
    this.code = code;
    this.hint = more.hint;
    this.fields = more.fields ?? [];
  }
}

/** A usage error with the way out. */
export const usageError = (message: string, hint?: string): CliError => new CliError(exitCodes.usage, message, { hint });
