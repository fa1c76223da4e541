import type { Command } from "commander";
import { whole } from "./option-values.ts";
import type { Output } from "./output.ts";

/** The flags of a list. */
export interface PagingFlags { readonly limit?: number; readonly cursor?: string }

/** Adds the flags of a list. */
export const pagingOptions = (command: Command): Command => command
  .option("--limit <number>", "entries a page, 1 to 100 (default 20)", whole(1, 100))
  .option("--cursor <cursor>", "where to go on: the next_cursor of the page before");

/** Tells how to see the rest of a list. */
export function tellMore(out: Output, next: string | null | undefined): void {
  if (next && !out.json) out.note(`more: add --cursor ${next}`);
}
