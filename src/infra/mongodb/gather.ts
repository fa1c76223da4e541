/** Looks for documents by their ids; those that do not exist are left out. */
type Load<T> = (ids: readonly string[]) => Promise<ReadonlyMap<string, T>>;

interface Round<T> {
  readonly ids: Set<string>;
  readonly found: Promise<ReadonlyMap<string, T>>;
}

/**
 * Reads of single documents, gathered: while one question is with the server, those that come meanwhile wait for it and are asked
 * together in the next. However many wait for the read models in their own rhythm, the server is asked one thing at a time.
 * No read is answered from a question that was asked before it came.
 */
export function gather<T>(load: Load<T>): (id: string) => Promise<T | null> {
  let next: Round<T> | undefined;
  let asked: Promise<unknown> = Promise.resolve();
  const open = (): Round<T> => {
    const ids = new Set<string>();
    const found = asked.then(() => {
      next = undefined;
      return load([...ids]);
    });
    asked = found.catch(() => undefined);
    return { ids, found };
  };
  return async (id) => {
    next ??= open();
    next.ids.add(id);
    return (await next.found).get(id) ?? null;
  };
}
