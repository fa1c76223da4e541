import { useCallback, useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Account } from "#client/schema.ts";
import { Feed } from "./feed.ts";
import { html } from "./html.ts";
import { Problem } from "./parts/problem.ts";
import { clientOf, keptKey, SessionContext } from "./session.ts";
import { Shell } from "./shell.ts";
import { SignIn } from "./sign-in.ts";

interface Opened {
  readonly key: string;
  readonly account: Account;
  readonly stop: AbortController;
}

/** The whole page: signed in or not. */
export function App() {
  const [opened, setOpened] = useState<Opened | null>(null);
  const [resuming, setResuming] = useState(keptKey.read() !== null);
  const [failure, setFailure] = useState<unknown>();
  const [notice, setNotice] = useState<string>();
  const current = useRef<Opened | null>(null);
  current.current = opened;

  const open = useCallback(async (key: string) => {
    const stop = new AbortController();
    const account = await clientOf(key, stop.signal).ownAccount();
    keptKey.write(key);
    setNotice(undefined);
    setOpened({ key, account, stop });
  }, []);

  const resume = useCallback(() => {
    const key = keptKey.read();
    if (key === null) return;
    setFailure(undefined);
    open(key).catch((error: unknown) => {
      if ((error as { status?: number }).status === 401) keptKey.forget();
      else setFailure(error);
    }).finally(() => setResuming(false));
  }, []);
  useEffect(resume, []);

  const end = useCallback((reason?: string) => {
    keptKey.forget();
    setNotice(reason);
    setOpened(null);
    // Calls under way belong to nobody any more.
    current.current?.stop.abort();
  }, []);

  const session = useMemo(() => {
    if (opened === null) return null;
    const client = clientOf(opened.key, opened.stop.signal);
    return { client, account: opened.account, end, feed: new Feed(client, ["instances", "billing", "agents"]) };
  }, [opened]);
  useEffect(() => () => session?.feed.close(), [session]);

  if (resuming) return html`<p class="boot" role="status">Signing in</p>`;
  if (failure !== undefined) return html`<main class="narrow"><h1>AgentHub</h1><${Problem} error=${failure} retry=${resume} /></main>`;
  if (session === null) return html`<${SignIn} open=${open} notice=${notice} />`;
  return html`<${SessionContext.Provider} value=${session}><${Shell} /><//>`;
}
