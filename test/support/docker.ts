import { existsSync } from "node:fs";
import { describe } from "@jest/globals";
import { openDockerRuntime } from "#infra/docker/runtime.ts";

/** The engine that tests use: AGENTHUB_TEST_DOCKER, else DOCKER_HOST, else the default socket. */
export const testDocker: string = process.env["AGENTHUB_TEST_DOCKER"] ?? process.env["DOCKER_HOST"] ?? "unix:///var/run/docker.sock";

async function engineAnswers(): Promise<boolean> {
  const socket = /^unix:\/\/(.+)$/.exec(testDocker)?.[1];
  if (process.platform === "win32" || (socket !== undefined && !existsSync(socket))) return false;
  return (await openDockerRuntime({ address: testDocker, installation: "probe", reach: "loopback" }).health()).ok;
}

/** Whether an engine answers; asked once. */
const dockerAvailable: boolean = await engineAnswers();

/** A suite that needs an engine: skipped aloud without one, but a failure in CI, where one must be. */
export function dockerSuite(name: string, suite: () => void): void {
  if (dockerAvailable || process.env["CI"]) {
    describe(name, suite);
    return;
  }
  process.stderr.write(`skipped for want of a Docker engine at ${testDocker}: ${name}\n`);
  // oxlint-disable-next-line jest/no-disabled-tests -- said aloud above, and never in CI
  describe.skip(name, suite);
}
