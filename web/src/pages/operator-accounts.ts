import { useState } from "preact/hooks";
import type { Account, OpenedAccount } from "#client/schema.ts";
import { html } from "../html.ts";
import { everyPage, useAction, useLoad } from "../load.ts";
import { Dialog } from "../parts/dialog.ts";
import { Choice, Field, Form } from "../parts/field.ts";
import { Section } from "../parts/page.ts";
import { Problem, Showing } from "../parts/problem.ts";
import { Table } from "../parts/table.ts";
import { useSession } from "../session.ts";
import { day } from "../time.ts";
import { short } from "./instance-table.ts";

const roles = ["customer", "publisher", "operator"] as const;
const currencies = ["USD", "EUR", "GBP", "CHF", "JPY", "CAD", "AUD", "INR"].map((name) => [name, name] as const);

function Key({ of, close }: { of: OpenedAccount; close: () => void }) {
  const [copied, setCopied] = useState("");
  const copy = () => {
    navigator.clipboard.writeText(of.api_key ?? "").then(() => setCopied("Copied."), () => setCopied("The browser does not let this page copy: select the key and copy it yourself."));
  };
  return html`<${Dialog} title=${`Account ${of.name} is open`} close=${close}>
    ${of.api_key === undefined ? html`<p>${of.message ?? "Its first key was shown before."}</p>` : html`<div>
      <p>This is its first API key. It is shown now and never again: hand it over by a safe way.</p>
      <p><code class="key" tabindex="0" aria-label="API key">${of.api_key}</code></p>
      <p><button type="button" onClick=${copy}>Copy key</button> <span role="status">${copied}</span></p>
    </div>`}
    <div class="actions"><button type="button" class="primary" onClick=${close}>Done</button></div>
  <//>`;
}

function Opening({ close, done }: { close: () => void; done: (account: OpenedAccount) => void }) {
  const { client } = useSession();
  const action = useAction();
  const send = ({ name = "", currency, ...marks }: Readonly<Record<string, string>>) => action.run(async () => {
    const chosen = roles.filter((role) => marks[`role-${role}`] !== undefined);
    if (chosen.length === 0) throw new Error("Choose at least one role.");
    done(await client.createAccount({ name: name.trim(), roles: chosen, currency: currency as Account["currency"] }));
  });
  return html`<${Dialog} title="Open an account" close=${close}>
    <${Form} label="Open an account" send=${send}>
      <${Field} label="Name" name="name" required />
      <fieldset><legend>Roles</legend>${roles.map((role) => html`<label class="check" key=${role}><input type="checkbox" name=${`role-${role}`} value="yes" defaultChecked=${role === "customer"} /> ${role}</label>`)}</fieldset>
      <${Choice} label="Currency" name="currency" value="USD" options=${currencies} />
      <${Problem} error=${action.error} />
      <div class="actions"><button type="button" onClick=${close}>Cancel</button><button class="primary" disabled=${action.busy}>Open account</button></div>
    <//>
  <//>`;
}

/** Accounts, and opening one. */
export function Accounts() {
  const { client } = useSession();
  const [opening, setOpening] = useState(false);
  const [opened, setOpened] = useState<OpenedAccount>();
  const loaded = useLoad(() => everyPage<Account>(async (cursor) => {
    const page = await client.listAccounts({ limit: 100, cursor });
    return { items: page.accounts, next: page.next_cursor };
  }), [client]);
  const done = (account: OpenedAccount) => {
    setOpening(false);
    setOpened(account);
    loaded.reload();
  };
  return html`<${Section} title="Accounts" aside=${html`<button type="button" onClick=${() => setOpening(true)}>Open an account</button>`}>
    <${Showing} of=${loaded}>${(accounts: readonly Account[]) => html`<${Table} caption="Accounts" rows=${accounts} name=${(row: Account) => row.account_id} columns=${[
      { head: "Name", cell: (row: Account) => html`${row.name}<span class="sub" title=${row.account_id}>${short(row.account_id)}</span>` },
      { head: "Roles", cell: (row: Account) => row.roles.join(", ") },
      { head: "Currency", cell: (row: Account) => row.currency },
      { head: "Keys", figures: true, cell: (row: Account) => row.api_keys.length },
      { head: "Since", cell: (row: Account) => day(row.created_at) },
    ]} />`}<//>
    ${opening && html`<${Opening} close=${() => setOpening(false)} done=${done} />`}
    ${opened !== undefined && html`<${Key} of=${opened} close=${() => setOpened(undefined)} />`}
  <//>`;
}
