import { afterEach, beforeEach } from "@jest/globals";
import { type AcpAgentOptions, startAcpAgent, type TestAcpAgent } from "./agents-acp.ts";
import { type AcpBench, acpBench } from "./agents-driver.ts";

/** The driver of the test that runs. */
export let bench: AcpBench;
let closers: (() => Promise<void>)[] = [];

/** Gives each test of the calling file a driver of its own, and ends whatever it started. */
export function acpForEach(): void {
  beforeEach(() => {
    bench = acpBench();
    closers = [];
  });
  afterEach(async () => {
    await Promise.all([...closers.map((close) => close()), bench.close()]);
  });
}

/** Has something ended after the test. */
export const atEnd = (close: () => Promise<void>): void => void closers.push(close);

/** Starts an agent for the test. */
export async function agentWith(options: AcpAgentOptions = {}): Promise<TestAcpAgent> {
  const agent = await startAcpAgent(options);
  atEnd(agent.close);
  return agent;
}
