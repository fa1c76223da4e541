import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { buildNodeAgentImage, type NodeAgent } from "./node-agent.ts";

/** Builds an agent's image from the modules (`*.mjs`) of a folder. */
export async function buildNodeAgentFolder(address: string | undefined, folder: string, agent: Omit<NodeAgent, "files">): Promise<string> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".mjs")).toSorted();
  const files = Object.fromEntries(await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name))] as const)));
  return buildNodeAgentImage(address, { ...agent, files });
}
