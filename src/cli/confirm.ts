import { CliError, exitCodes, usageError } from "./exit.ts";
import type { Io } from "./io.ts";

/** Lets what cannot be undone go on only by --confirm, or a yes at a terminal. */
export async function assertConfirmed(io: Io, confirmed: boolean | undefined, question: string): Promise<void> {
  if (confirmed === true) return;
  if (!io.terminal.input || !io.terminal.errors) throw usageError("this cannot be undone and nobody is there to ask", "Add --confirm.");
  const answer = await io.ask(`${question} [y/N] `);
  if (!/^y(es)?$/i.test(answer.trim())) throw new CliError(exitCodes.failed, "not confirmed; nothing was changed");
}
