import { z } from "zod";
import { openAccount } from "#commands/account/open-account.ts";
import { role } from "#domain/account/account.ts";
import { currencies } from "#domain/kernel/money.ts";
import { accounts, accountView } from "#projections/accounts.ts";
import type { RestContext } from "./context.ts";
import { label, pageQuery } from "./inputs.ts";
import { accountOut, listOf, openedAccountOut } from "./outputs.ts";
import { readPage } from "./page.ts";
import { absent } from "./problem-details.ts";
import { type Route, route } from "./route.ts";

const openBody = z.strictObject({
  name: label(100), roles: z.array(role).min(1).max(3).transform((roles) => [...new Set(roles)]), currency: z.enum(currencies).optional(),
});

/** Accounts: operators open them, everybody sees the own one. */
export function accountRoutes(context: RestContext): Route[] {
  const { services } = context;
  return [
    route({
      method: "post", path: "/admin/accounts", tag: "accounts", summary: "Open an account; its first API key is shown once", roles: ["operator"],
      body: openBody, responses: { 201: openedAccountOut },
      async handler({ body, keyed, command }) {
        const { command_id, ...request } = command();
        const uuid = keyed ? command_id : services.ids.next();
        const account_id = `account-${uuid}`;
        const { key, hint } = services.keys.mint();
        const key_id = `key-${services.ids.named(`${account_id} first key`)}`;
        const { state, events, position, repeated } = await services.executor.execute(openAccount, {
          account_id, name: body.name, roles: body.roles, currency: body.currency ?? "USD",
          key: { key_id, key_hash: services.keys.hash(key), hint },
        }, { ...request, command_id, account: account_id });
        const created_at = events[0]?.metadata.recorded_at ?? context.now();
        // A replay cannot show a key that was never kept.
        const shown = repeated ? { message: "The account is open; its first key was shown when it was opened." } : { api_key: key, key_hint: hint };
        return { status: 201, headers: { location: `/admin/accounts/${account_id}` }, position, repeated, body: { account_id, ...state.opened, created_at, key_id, ...shown } };
      },
    }),
    route({
      method: "get", path: "/admin/accounts", tag: "accounts", summary: "List accounts, the newest first", roles: ["operator"],
      query: pageQuery, responses: { 200: listOf("accounts", accountOut) },
      async handler({ query }) {
        const page = await readPage(context, accounts, { limit: query.limit, cursor: query.cursor, query: { index: "all", descending: true } });
        return { body: { accounts: page.documents.map(accountView), next_cursor: page.next_cursor } };
      },
    }),
    route({
      method: "get", path: "/admin/accounts/{id}", tag: "accounts", summary: "Show an account", roles: ["operator"], params: { id: "account" },
      responses: { 200: accountOut },
      async handler({ params }) {
        const document = await services.readModels.reader.get(accounts, params["id"] ?? "");
        if (document === null) throw absent.account();
        return { body: accountView(document) };
      },
    }),
    route({
      method: "get", path: "/account", tag: "accounts", summary: "Show the account that the key belongs to", roles: "any", responses: { 200: accountOut },
      async handler({ principal }) {
        const document = await services.readModels.reader.get(accounts, principal.account_id);
        if (document === null) throw absent.account();
        return { body: { ...accountView(document), key_id: principal.key_id } };
      },
    }),
  ];
}
