/** What a process sees of something that outlives it: once the process is dead, its calls never return. */
export function mortal<T extends object>(target: T, alive: () => boolean): T {
  return new Proxy(target, {
    get(object, key) {
      const value: unknown = Reflect.get(object, key, object);
      if (typeof value !== "function") return value;
      return (...args: unknown[]): unknown => {
        if (!alive()) return new Promise(() => undefined);
        const answer: unknown = Reflect.apply(value, object, args);
        // A call that was under way may have taken effect; its answer reaches nobody.
        return answer instanceof Promise ? answer.then((result: unknown) => (alive() ? result : new Promise(() => undefined))) : answer;
      };
    },
  });
}
