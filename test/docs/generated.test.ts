import { spawnSync } from "node:child_process";
import { expect, it } from "@jest/globals";

it("docs/events.md and docs/errors.md say what the code says", () => {
  const { stderr, status } = spawnSync(process.execPath, ["scripts/generate-docs.mjs", "--check"], { encoding: "utf8" });
  expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
});
