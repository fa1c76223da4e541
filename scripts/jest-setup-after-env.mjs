import { sep } from "node:path";
import { expect, jest } from "@jest/globals";

// Only tests that talk to engines, browsers and other processes may be tried again, and only in CI:
// anywhere else the first failure is the one to look at.
const path = (expect.getState().testPath ?? "").replaceAll(sep, "/");
if (process.env.CI && /\/test\/(e2e|integration)\//.test(path)) jest.retryTimes(2, { logErrorsBeforeRetry: true });
