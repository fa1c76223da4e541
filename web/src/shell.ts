import { useEffect } from "preact/hooks";
import { isProblem } from "#client/problem.ts";
import type { Account } from "#client/schema.ts";
import { useFeedState } from "./feed.ts";
import { html, type Content } from "./html.ts";
import { AgentPage } from "./pages/agent.ts";
import { BillingPage } from "./pages/billing.ts";
import { DiscoverPage } from "./pages/discover.ts";
import { InstancePage } from "./pages/instance.ts";
import { InstancesPage } from "./pages/instances.ts";
import { OperatorPage } from "./pages/operator.ts";
import { OverviewPage } from "./pages/overview.ts";
import { PublisherPage } from "./pages/publisher.ts";
import { Page } from "./parts/page.ts";
import { Empty } from "./parts/problem.ts";
import { type Place, to, usePlace } from "./router.ts";
import { keyGone, plays, useSession } from "./session.ts";

interface Destination {
  readonly name: string;
  readonly text: string;
  readonly role: Account["roles"][number] | null;
}

const destinations: readonly Destination[] = [
  { name: "overview", text: "Overview", role: "customer" }, { name: "discover", text: "Discover", role: null },
  { name: "instances", text: "Instances", role: "customer" }, { name: "billing", text: "Billing", role: "customer" },
  { name: "publisher", text: "My agents", role: "publisher" }, { name: "operator", text: "Operator", role: "operator" },
];

const open = (account: Account) => destinations.filter(({ role }) => role === null || plays(account, role));

function home(account: Account): string {
  if (account.roles.includes("customer")) return "overview";
  return account.roles.includes("publisher") ? "publisher" : "operator";
}

function page({ parts: [name, id, part], query }: Place): Content {
  switch (name) {
    case "overview": return html`<${OverviewPage} />`;
    case "discover": return html`<${DiscoverPage} query=${query} />`;
    case "agents": return html`<${AgentPage} key=${id} id=${id ?? ""} />`;
    case "instances": return id === undefined ? html`<${InstancesPage} />` : html`<${InstancePage} key=${id} id=${id} part=${part ?? "timeline"} />`;
    case "billing": return html`<${BillingPage} />`;
    case "publisher": return html`<${PublisherPage} />`;
    case "operator": return html`<${OperatorPage} />`;
    default: return null;
  }
}

const feedWords = { connecting: "", live: "", lost: "Connection lost. Reconnecting; figures may be out of date.", refused: "Live updates have ended; figures may be out of date." };

function FeedNotice() {
  const { feed, client, end } = useSession();
  const state = useFeedState(feed);
  // A feed that ends for good may mean that the key has been revoked.
  useEffect(() => {
    if (state === "refused") client.ownAccount().catch((error: unknown) => { if (isProblem(error) && error.status === 401) end(keyGone); });
  }, [state]);
  return html`<div class="feed" role="status" aria-live="polite">${feedWords[state] !== "" && html`<p>${feedWords[state]} <button type="button" onClick=${() => feed.open()}>Reconnect now</button></p>`}</div>`;
}

function LiveMark() {
  const { feed } = useSession();
  const state = useFeedState(feed);
  return html`<span class=${`mark ${state}`} title=${state === "live" ? "Updates arrive as they happen" : "Waiting for the live connection"}>${state === "live" ? "Live" : "Offline"}</span>`;
}

function skip() {
  const target = document.querySelector("h1");
  if (target instanceof HTMLElement) target.focus();
}

/** What surrounds every page: navigation by role, who is signed in, how the live connection is. */
export function Shell() {
  const { account, end } = useSession();
  const place = usePlace();
  const at = place.parts[0] ?? home(account);
  const allowed = at === "agents" || open(account).some(({ name }) => name === at);
  const shown = allowed ? page({ ...place, parts: [at, ...place.parts.slice(1)] }) : null;
  const current = at === "agents" ? "discover" : at;
  return html`<div class="shell">
    <button type="button" class="skip" onClick=${skip}>Skip to content</button>
    <header>
      <a class="brand" href=${to(home(account))}>AgentHub</a>
      <nav aria-label="Main"><ul>${open(account).map(({ name, text }) => html`<li key=${name}><a href=${to(name)} aria-current=${name === current ? "page" : undefined}>${text}</a></li>`)}</ul></nav>
      <div class="who"><${LiveMark} /><span class="account">${account.name}</span><button type="button" onClick=${() => end()}>Sign out</button></div>
    </header>
    <${FeedNotice} />
    <main id="content" key=${place.parts.slice(0, 2).join("/")}>
      ${shown ?? html`<${Page} title="Not found"><${Empty} title="There is no such page, or it is not for your role."><p><a href=${to(home(account))}>Go to the start</a></p><//><//>`}
    </main>
    <footer><a href="/docs">API reference</a></footer>
  </div>`;
}
