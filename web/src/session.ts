import { createContext } from "preact";
import { useContext } from "preact/hooks";
import { AgentHubClient } from "#client/client.ts";
import type { Account } from "#client/schema.ts";
import type { Feed } from "./feed.ts";

/** Who is signed in. */
export interface Session {
  readonly client: AgentHubClient;
  readonly account: Account;
  readonly feed: Feed;
  /** Signs out; a reason is shown on the way. */
  readonly end: (reason?: string) => void;
}

/** Said when a key stops working while it is used. */
export const keyGone = "The key is not valid any more. Sign in with another.";

const storageName = "agenthub.key";

/** The key of this tab; closing the tab forgets it. */
export const keptKey = {
  read: () => sessionStorage.getItem(storageName),
  write: (key: string) => sessionStorage.setItem(storageName, key),
  forget: () => sessionStorage.removeItem(storageName),
};

/** A client of the server that this page came from. */
export const clientOf = (apiKey: string, signal: AbortSignal) =>
  new AgentHubClient({ server: location.origin, apiKey, signal, retries: 2, fetch: (...request) => fetch(...request) });

/** The session for every component below. */
export const SessionContext = createContext<Session | null>(null);

/** The session; pages are shown in one only. */
export function useSession(): Session {
  const session = useContext(SessionContext);
  if (session === null) throw new Error("there is no session");
  return session;
}

/** Whether an account plays a role; an operator plays them all. */
export const plays = ({ roles }: Account, role: Account["roles"][number]): boolean => roles.includes("operator") || roles.includes(role);
