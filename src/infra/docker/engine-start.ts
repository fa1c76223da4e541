import type Docker from "dockerode";
import { isGone } from "./failures.ts";

// Clocks differ a little. One that was set back since would make every end look older than the start.
const slackMs = 2_000;
const ours = "com.docker.network.bridge.default_bridge";

/**
 * When the engine last started, in milliseconds of its own clock; null where nothing shows it. No call of its API says so, but it
 * makes its default network anew at each start, after it has put down what became of its containers. Only one that kept its
 * containers running keeps that network, too.
 */
export async function engineStart(engine: Docker): Promise<number | null> {
  try {
    const { Created, Options } = await engine.getNetwork("bridge").inspect() as Docker.NetworkInspectInfo;
    const millis = Options?.[ours] === "true" ? Date.parse(Created) : Number.NaN;
    return millis <= Date.now() + slackMs ? millis : null;
  } catch (error) {
    if (isGone(error)) return null;
    throw error;
  }
}
