import { createHash } from "node:crypto";
import { basename } from "node:path";
import { imageLabel, importImage, extendImage } from "#infra/docker/build.ts";
import { openEngine } from "#infra/docker/client.ts";
import { closureOf, hashFile } from "./closure.ts";
import { tarOf, type ImageFile } from "./tar.ts";

/** A Node agent made of local files. */
export type NodeAgent = {
  readonly tag: string;
  /** By their path below /app. */
  readonly files: Readonly<Record<string, string | Buffer>>;
  /** The script to run, below /app. */
  readonly entry: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly user?: string;
};

const contentLabel = "agenthub.content";
const baseRepository = "agenthub/node";

/** Whether the running Node can go into an image: it must be made for the engine's system. */
export const canBuildNodeAgents = (): boolean => process.platform === "linux";

const text = (content: string, mode?: number): ImageFile => ({ content, ...(mode !== undefined && { mode }) });

async function nodeFiles(): Promise<Map<string, ImageFile>> {
  const { executable, libraries, loaders } = await closureOf(process.execPath);
  const files = new Map<string, ImageFile>([
    ["etc/passwd", text("root:x:0:0:root:/:/none\nnobody:x:65534:65534:nobody:/:/none\n")],
    ["etc/group", text("root:x:0:\nnobody:x:65534:\n")],
    ["etc/nsswitch.conf", text("passwd: files\ngroup: files\nhosts: files dns\n")],
    ["usr/local/bin/node", { from: executable, mode: 0o755 }],
  ]);
  // Where a library lies differs between systems; in one folder that is named below, the loader finds them all.
  for (const path of libraries) files.set(`usr/local/lib/${basename(path)}`, { from: path, mode: 0o755 });
  for (const path of loaders) files.set(path.slice(1), { from: path, mode: 0o755 });
  return files;
}

const building = new Map<string, Promise<unknown>>();

/** Shares one build between callers that ask for the same at once. */
function once<T>(key: string, build: () => Promise<T>): Promise<T> {
  const going = building.get(key) as Promise<T> | undefined;
  if (going !== undefined) return going;
  const built = build().finally(() => building.delete(key));
  building.set(key, built);
  return built;
}

async function nodeImage(engine: ReturnType<typeof openEngine>): Promise<string> {
  const hash = await hashFile(process.execPath);
  const tag = `${baseRepository}:${process.version.slice(1)}-${hash.slice(0, 12)}`;
  if (await imageLabel(engine, tag, contentLabel) !== hash)
    await importImage(engine, tarOf(await nodeFiles()), { tag, changes: [
      "ENV PATH=/usr/local/bin LD_LIBRARY_PATH=/usr/local/lib NODE_ENV=production", `LABEL ${contentLabel}=${hash}`, "WORKDIR /app", "USER 65534:65534",
    ] });
  return tag;
}

/**
 * Builds an image from the running Node, its shared libraries and the agent's files, and answers its tag. Needs no
 * registry; the same content again is answered from the engine.
 */
export async function buildNodeAgentImage(address: string | undefined, agent: NodeAgent): Promise<string> {
  if (!canBuildNodeAgents()) throw new Error("An image can be made of the running Node on Linux only");
  const engine = openEngine(address);
  return once(`${address} ${agent.tag}`, async () => {
    const base = await once(`${address} ${baseRepository}`, () => nodeImage(engine));
    const hash = createHash("sha256").update(JSON.stringify([base, agent.entry, agent.env, agent.user]));
    for (const [path, content] of Object.entries(agent.files)) hash.update(`\0${path}\0`).update(content);
    const content = hash.digest("hex");
    if (await imageLabel(engine, agent.tag, contentLabel) === content) return agent.tag;
    const files = new Map(Object.entries(agent.files).map(([path, file]): [string, ImageFile] => [`app/${path}`, { content: file }]));
    await extendImage(engine, base, tarOf(files), { tag: agent.tag, changes: [
      `CMD ${JSON.stringify(["node", `/app/${agent.entry}`])}`,
      ...Object.entries(agent.env ?? {}).map(([name, value]) => `ENV ${name}=${JSON.stringify(value)}`),
      ...(agent.user === undefined ? [] : [`USER ${agent.user}`]),
      `LABEL ${contentLabel}=${content}`, // last: an image without it is never taken for a finished one
    ] });
    return agent.tag;
  });
}
