import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { isProblem } from "#client/problem.ts";
import { keyGone, useSession } from "./session.ts";

/** Something that comes from the server. */
export interface Loaded<T> {
  readonly data: T | undefined;
  readonly error: unknown;
  readonly loading: boolean;
  /** Asks again; what is shown stays until the answer is there. */
  readonly reload: () => void;
}

/** Loads when the page opens and whenever what it depends on changes. */
export function useLoad<T>(load: () => Promise<T>, depends: readonly unknown[]): Loaded<T> {
  const session = useSession();
  const [state, setState] = useState<{ data?: T; error?: unknown; loading: boolean }>({ loading: true });
  const turn = useRef(0);
  const reload = useCallback(() => {
    const mine = ++turn.current;
    setState((before) => ({ ...before, loading: true }));
    load().then(
      (data) => { if (mine === turn.current) setState({ data, loading: false }); },
      (error: unknown) => {
        if (mine !== turn.current) return;
        if (isProblem(error) && error.status === 401) session.end(keyGone);
        else setState((before) => ({ ...before, error, loading: false }));
      },
    );
  }, depends);
  useEffect(() => {
    setState((before) => ({ loading: true, ...(before.data === undefined ? {} : { data: before.data }) }));
    reload();
    return () => { turn.current++; };
  }, [reload]);
  // What was missed while there was no connection is read once it stands again.
  useEffect(() => {
    let lost = false;
    return session.feed.watch((feed) => {
      if (feed === "lost") lost = true;
      if (feed !== "live" || !lost) return;
      lost = false;
      reload();
    });
  }, [session.feed, reload]);
  return { data: state.data, error: state.error, loading: state.loading, reload };
}

/** Something that the reader does: whether it is under way, and how it failed. */
export function useAction(): { busy: boolean; error: unknown; run: (action: () => Promise<void>) => void; clear: () => void } {
  const [state, setState] = useState<{ busy: boolean; error: unknown }>({ busy: false, error: undefined });
  const shown = useRef(true);
  useEffect(() => { shown.current = true; return () => { shown.current = false; }; }, []);
  const run = (action: () => Promise<void>) => {
    setState({ busy: true, error: undefined });
    action().then(() => undefined, (error: unknown) => error).then((error) => { if (shown.current) setState({ busy: false, error }); }, () => undefined);
  };
  return { ...state, run, clear: () => setState({ busy: false, error: undefined }) };
}

/** Reads every page of a list, up to a bound that a page can show. */
export async function everyPage<Item>(read: (cursor: string | undefined) => Promise<{ items: readonly Item[]; next: string | null }>, most = 500): Promise<Item[]> {
  const all: Item[] = [];
  let cursor: string | undefined;
  do {
    const { items, next } = await read(cursor);
    all.push(...items);
    cursor = next ?? undefined;
  } while (cursor !== undefined && all.length < most);
  return all;
}
