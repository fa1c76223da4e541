import type { Verb } from "../cli.ts";
import { instant } from "../format.ts";

/** `agenthub api-keys list | create | revoke`: the keys of the account. */
export const apiKeys: Verb = (cli) => {
  const group = cli.verb("api-keys", "List, create and revoke API keys of your account", ["agenthub api-keys list", "agenthub api-keys create --label ci", "agenthub api-keys revoke key-0199f3c2"]);

  cli.verb("list", "List your account's keys; the keys themselves are never shown again", "agenthub api-keys list", group)
    .action(cli.as("any", async ({ client, out, wait }) => {
      const page = await wait("Listing keys", () => client.listApiKeys());
      out.show(page, () => out.table([
        { name: "key", value: (key) => key.key_id }, { name: "hint", value: (key) => key.hint }, { name: "label", value: (key) => key.label },
        { name: "only for", value: (key) => key.instance_id }, { name: "created", value: (key) => instant(key.created_at) },
      ], page.api_keys, "no keys"));
    }));

  cli.verb("create", "Make a key and print it, once", ["agenthub api-keys create --label ci", "agenthub api-keys create --instance instance-67890"], group)
    .option("--label <text>", "what it is for")
    .option("--instance <instance>", "publishers: a key that may only report this instance's usage")
    .action(cli.as<{ label?: string; instance?: string }>("any", async ({ client, flags, out, wait }) => {
      const key = await wait("Making the key", () => client.createApiKey({ label: flags.label, instance_id: flags.instance }));
      out.show(key, () => out.fields({ Key: key.key_id, Label: key.label ?? undefined, "Only for": key.instance_id ?? undefined, "API key": key.api_key }));
      if (!out.json && key.api_key !== undefined) out.note("Keep the key: it is not shown again.");
    }));

  cli.verb("revoke", "Revoke a key; within a second nothing accepts it", "agenthub api-keys revoke key-0199f3c2", group)
    .argument("<key>", "the key's id, as listed")
    .action(cli.as("any", async ({ client, out, wait }, id = "") => {
      const gone = await wait("Revoking the key", () => client.revokeApiKey(id));
      out.show(gone ?? { key_id: id, revoked: true }, () => `${id} is revoked\n`);
    }));
};
