/** Runs calls of one name one after the other, or, where the server itself keeps them apart, at once. */
export type Turns = <T>(name: string, call: () => Promise<T>) => Promise<T>;

/** No turns: the server checks a guard and applies its write in one step. */
export const atOnce: Turns = (_name, call) => call();

/** Turns within this process, for a server that checks and applies in two steps. */
export function inTurn(): Turns {
  const last = new Map<string, Promise<unknown>>();
  return (name, call) => {
    const result = (last.get(name) ?? Promise.resolve()).then(call);
    last.set(name, result.catch(() => undefined));
    return result;
  };
}
