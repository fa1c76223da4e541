import { z } from "zod";
import { issueApiKey } from "#commands/account/issue-api-key.ts";
import { revokeApiKey } from "#commands/account/revoke-api-key.ts";
import { account } from "#domain/account/account.ts";
import { instanceId } from "#domain/kernel/ids.ts";
import { accounts } from "#projections/accounts.ts";
import { apiKeys } from "#projections/api-keys.ts";
import { isOperator } from "../auth/principal.ts";
import type { RestContext } from "./context.ts";
import { account as accountQuery, label, paging } from "./inputs.ts";
import { revokedOut } from "./operation-outputs.ts";
import { apiKeyOut, listOf } from "./outputs.ts";
import { absent } from "./problem-details.ts";
import { type Route, route } from "./route.ts";
import { whose } from "./whose.ts";

const issueBody = z.strictObject({
  label: label(100).optional(),
  instance_id: instanceId.optional().meta({ description: "Makes a key that may only report the usage of this instance of an agent of yours." }),
});

/** Keys of the caller's account. */
export function apiKeyRoutes(context: RestContext): Route[] {
  const { services } = context;
  return [
    route({
      method: "get", path: "/api-keys", tag: "accounts", summary: "List live API keys, the newest first", roles: "any",
      query: z.strictObject({ ...paging, account_id: accountQuery }), responses: { 200: listOf("api_keys", apiKeyOut) },
      async handler({ query, principal }) {
        const id = whose(principal, query.account_id);
        const document = await services.readModels.reader.get(accounts, id);
        if (document === null) throw absent.account();
        const list = `api-keys ${id}`;
        const placeOf = (key: { created_at: string; key_id: string }) => `${key.created_at} ${key.key_id}`;
        const before = query.cursor === undefined ? "9999" : String(context.pages.read(list, query.cursor).value);
        const rest = document.keys.filter((key) => placeOf(key) < before).toSorted((a, b) => (placeOf(a) < placeOf(b) ? 1 : -1));
        const page = rest.slice(0, query.limit);
        const last = page.at(-1);
        const more = last !== undefined && rest.length > page.length;
        return { body: { api_keys: page, next_cursor: more ? context.pages.write(list, { value: placeOf(last), id: last.key_id }) : null } };
      },
    }),
    route({
      method: "post", path: "/api-keys", tag: "accounts", summary: "Issue an API key; it is shown once", roles: "any",
      body: issueBody, responses: { 201: apiKeyOut },
      async handler({ body, principal, keyed, command }) {
        if (body.instance_id !== undefined) {
          const { state } = await services.instances.state(body.instance_id);
          if (state.request === null || (state.request.publisher_id !== principal.account_id && !isOperator(principal))) throw absent.instance();
        }
        const request = command();
        const { key, hint } = services.keys.mint();
        const key_id = `key-${keyed ? request.command_id : services.ids.next()}`;
        const { events, position, repeated } = await services.executor.execute(issueApiKey,
          { account_id: principal.account_id, key_id, key_hash: services.keys.hash(key), hint, ...body }, request);
        const created_at = events[0]?.metadata.recorded_at ?? context.now();
        const shown = repeated ? { hint: "", message: "The key was shown when it was issued." } : { hint, api_key: key };
        return { status: 201, position, repeated, body: { key_id, label: body.label ?? null, instance_id: body.instance_id ?? null, created_at, ...shown } };
      },
    }),
    route({
      method: "delete", path: "/api-keys/{id}", tag: "accounts", summary: "Revoke an API key, on open sockets too", roles: "any", params: { id: "key" },
      query: z.strictObject({ account_id: accountQuery }), responses: { 200: revokedOut },
      async handler({ params, query, principal, command }) {
        const id = params["id"] ?? "";
        const owner = whose(principal, query.account_id);
        const { state } = await services.executor.state(account, owner);
        if (!Object.hasOwn(state.keys, id)) {
          await context.writes.readable(principal.key_id, undefined);
          let revoked = false;
          for await (const key of services.readModels.reader.all(apiKeys, { index: "by_account", equals: { account_id: owner } })) revoked ||= key.key_id === id;
          if (!revoked) throw absent.key();
        }
        const { position } = await services.executor.execute(revokeApiKey, { account_id: owner, key_id: id }, command({ account: owner }));
        return { position, body: { key_id: id, revoked: true, message: "API key revoked." } };
      },
    }),
  ];
}
