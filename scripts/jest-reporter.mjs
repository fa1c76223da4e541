import { writeFileSync, writeSync } from "node:fs";

/** Prints the count as the very last line, where any reader of a log looks for it, and leaves the failed suites in a file where CI asks for it. */
export default class CountReporter {
  onRunComplete(_, { numPassedTests, numFailedTests, numRuntimeErrorTestSuites, numPendingTests, testResults }) {
    const list = process.env.JEST_FAILED_SUITES;
    const suites = testResults.filter((suite) => suite.numFailingTests > 0 || suite.testExecError).map((suite) => suite.testFilePath);
    if (list) writeFileSync(list, suites.map((path) => `${path}\n`).join(""));
    const failed = numFailedTests + numRuntimeErrorTestSuites; // a suite that does not load counts as no test
    const skipped = numPendingTests > 0 ? `, ${numPendingTests} skipped` : "";
    process.once("exit", () => writeSync(1, `${numPassedTests} passed, ${failed} failed${skipped}\n`));
  }
}
