import { TestEnvironment } from "jest-environment-node";

const shared = [
  "Object", "Array", "Map", "Set", "Date", "Promise", "RegExp", "Function", "ArrayBuffer", "Uint8Array",
  "Error", "TypeError", "RangeError", "SyntaxError", "ReferenceError", "EvalError", "URIError", "AggregateError",
];

/** Lets values that Node's own modules made in the outer realm pass `instanceof` inside a test. */
export default class CrossRealmEnvironment extends TestEnvironment {
  async setup() {
    await super.setup();
    const own = Function.prototype[Symbol.hasInstance];
    for (const name of shared) {
      const inner = this.global[name];
      const outer = globalThis[name];
      if (inner === undefined || inner === outer) continue;
      Object.defineProperty(inner, Symbol.hasInstance, {
        configurable: true,
        // Subclasses inherit this method: they keep the plain meaning.
        value(x) {
          return own.call(this, x) || (this === inner && own.call(outer, x));
        },
      });
    }
  }
}
