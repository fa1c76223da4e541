import { writeSync } from "node:fs";

/** Prints the count as the very last line, where any reader of a log looks for it. */
export default class CountReporter {
  onRunComplete(_, { numPassedTests, numFailedTests, numRuntimeErrorTestSuites, numPendingTests }) {
    const failed = numFailedTests + numRuntimeErrorTestSuites; // a suite that does not load counts as no test
    const skipped = numPendingTests > 0 ? `, ${numPendingTests} skipped` : "";
    process.once("exit", () => writeSync(1, `${numPassedTests} passed, ${failed} failed${skipped}\n`));
  }
}
