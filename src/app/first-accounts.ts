import type { Role } from "#domain/account/account.ts";
import { openAccount } from "#commands/account/open-account.ts";
import { issueApiKey } from "#commands/account/issue-api-key.ts";
import type { Executor } from "#commands/execute.ts";
import type { Ids } from "#commands/ports.ts";
import { account } from "#domain/account/account.ts";
import type { Credentials } from "./credentials.ts";

interface Parts {
  readonly executor: Executor;
  readonly ids: Ids;
  readonly hash: (key: string) => string;
}

async function ensure({ executor, ids, hash }: Parts, name: string, roles: Role[], key: string): Promise<string> {
  const account_id = `account-${ids.named(`first ${name}`)}`;
  const issued = { key_id: `key-${ids.named(key)}`, key_hash: hash(key), hint: `${key.slice(0, 7)}...` };
  const request = (command: string) => ({ account: account_id, actor: "system", command_id: ids.named(`${command} ${account_id} ${issued.key_hash}`) });
  const { state } = await executor.state(account, account_id);
  if (state.opened === null)
    await executor.execute(openAccount, { account_id, name, roles, currency: "USD", key: issued }, request("open"));
  else if (!Object.values(state.keys).some((known) => known.hash === issued.key_hash))
    await executor.execute(issueApiKey, { account_id, ...issued, label: "given by the configuration" }, request("issue"));
  return account_id;
}

/** Opens the operator's account, and a publisher's and a customer's to begin with; doing it again changes nothing. */
export async function ensureFirstAccounts(parts: Parts, credentials: Credentials): Promise<void> {
  await ensure(parts, "operator", ["operator"], credentials.admin_key);
  await ensure(parts, "publisher", ["publisher"], credentials.publisher_key);
  await ensure(parts, "customer", ["customer"], credentials.customer_key);
}
