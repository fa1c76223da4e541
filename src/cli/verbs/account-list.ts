import type { Verb } from "../cli.ts";
import { instant } from "../format.ts";
import { type PagingFlags, pagingOptions, tellMore } from "../paging.ts";

/** `agenthub account-list`: every account. */
export const accountList: Verb = (cli) => {
  pagingOptions(cli.verb("account-list", "List accounts (operators)", "agenthub account-list --limit 100"))
    .action(cli.as<PagingFlags>("operator", async ({ client, flags, out, wait }) => {
      const page = await wait("Listing accounts", () => client.listAccounts({ limit: flags.limit, cursor: flags.cursor }));
      out.show(page, () => out.table([
        { name: "account", value: (account) => account.account_id }, { name: "name", value: (account) => account.name },
        { name: "roles", value: (account) => account.roles.join(",") }, { name: "currency", value: (account) => account.currency },
        { name: "opened", value: (account) => instant(account.created_at) },
      ], page.accounts, "no accounts"));
      tellMore(out, page.next_cursor);
    }));
};
