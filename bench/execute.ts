import { alone, compare, type Figure } from "./support/figure.ts";
import { inFolder } from "./support/folder.ts";
import { served, startHub } from "./support/hub.ts";
import { startProcess } from "./support/processes.ts";

const milliseconds = "5000";
const endpoint = "/run";
const body = JSON.stringify({ endpoint, parameters: { text: "x".repeat(200) } });

async function load(url: string, path: string, key: string): Promise<number> {
  const generator = await startProcess<{ rate: number }>("load", { args: [url, path, key, milliseconds, body] });
  await generator.stop();
  return generator.said.rate;
}

/** A task through AgentHub, admitted, done, stored and charged, beside an Express that passes it to the same agent. */
export const run = (): Promise<Figure[]> => inFolder(async (folder) => {
  const agent = await startProcess<{ url: string }>("agent");
  const express = await startProcess<{ url: string }>("express", { args: [agent.said.url], flags: served });
  const hub = await startHub(folder, process.env["BENCH_CPU_PROFILE"]);
  try {
    const instance = await hub.instance(agent.said.url);
    return [await compare({
      name: "execute on an instant agent over 64 connections, beside bare Express", unit: "tasks/s", target: 0.4, rounds: 5,
      ours: () => load(hub.url, `/marketplace/instances/${instance}/execute`, hub.keys.customer_key),
      bare: () => load(express.said.url, "/execute", ""),
    })];
  } finally {
    for (const part of [hub, express, agent]) await part.stop();
  }
});

if (import.meta.main) await alone(run);
