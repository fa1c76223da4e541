import type { Account } from "#client/schema.ts";
import type { Verb } from "../cli.ts";
import { usageError } from "../exit.ts";
import { gather } from "../option-values.ts";

interface Flags { readonly name: string; readonly role?: readonly string[]; readonly currency?: Account["currency"] }
type Role = Account["roles"][number];

const roles: readonly Role[] = ["customer", "publisher", "operator"];
const isRole = (text: string): text is Role => roles.some((role) => role === text);

/** `agenthub account-create`: opens an account; its first key is shown once. */
export const accountCreate: Verb = (cli) => {
  cli.verb("account-create", "Open an account and print its first API key (operators)", ["agenthub account-create --name acme", "agenthub account-create --name lab --role publisher --role customer --currency EUR"])
    .requiredOption("--name <name>", "what it is called")
    .option("--role <role>", "customer (default), publisher or operator; may be given several times", gather)
    .option("--currency <code>", "what it is billed in (default USD)")
    .action(cli.as<Flags>("operator", async ({ client, flags, out, wait }) => {
      const wanted = (flags.role ?? ["customer"]).flatMap((text) => text.split(",")).map((role) => {
        if (!isRole(role)) throw usageError(`${role} is no role`, `The roles are ${roles.join(", ")}.`);
        return role;
      });
      const made = await wait("Opening the account", () => client.createAccount({ name: flags.name, roles: wanted, currency: flags.currency }));
      out.show(made, () => out.fields({ Account: made.account_id, Name: made.name, Roles: made.roles.join(", "), Currency: made.currency, "API key": made.api_key, Message: made.message }));
      if (!out.json && made.api_key !== undefined) out.note("Keep the key: it is not shown again.");
    }, { creates: true }));
};
