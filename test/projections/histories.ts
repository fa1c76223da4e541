import fc from "fast-check";
import { History } from "#test/support/history.ts";

/** A history of one to three instances whose steps come in any possible order. */
export const histories = fc.array(fc.record({ instance: fc.integer({ min: 1, max: 3 }), pick: fc.nat(), seconds: fc.integer({ min: 0, max: 2_000_000 }) }), { maxLength: 40 })
  .map((steps) => {
    const history = new History().open(1, ["publisher"]).open(2).register(1, 1).register(2, 1);
    const at = new Map<number, string>();
    steps.forEach(({ instance, pick, seconds }, number) => {
      history.after(seconds);
      const status = at.get(instance) ?? "none";
      const possible: readonly (readonly [string, () => unknown])[] = ({
        none: [["starting", () => history.request(instance)]],
        starting: [["running", () => history.started(instance)]],
        running: [
          ["running", () => history.task(instance, number, 1)], ["running", () => history.task(instance, number, 2, "fails")],
          ["running", () => history.degraded(instance)], ["running", () => history.recovered(instance)],
          ["running", () => history.reported(instance, `r${number}`, "requests", "2.5")],
          ["pausing", () => history.pauseRequested(instance)], ["stopping", () => history.terminationRequested(instance)],
        ],
        pausing: [["paused", () => history.paused(instance)]],
        paused: [["resuming", () => history.resumeRequested(instance)], ["stopping", () => history.terminationRequested(instance)]],
        resuming: [["running", () => history.resumed(instance)]],
        stopping: [["stopped", () => history.terminated(instance).release(instance)]],
        stopped: [["stopped", () => history.reported(instance, `late${number}`, "requests", "1")]],
      } as Record<string, readonly (readonly [string, () => unknown])[]>)[status] ?? [];
      const [next, act] = possible[pick % possible.length] ?? [status, () => undefined];
      act();
      at.set(instance, next);
    });
    return history;
  });
