import type { Readable } from "node:stream";
import type Docker from "dockerode";
import { attempt, isGone } from "./failures.ts";
import { jsonLines } from "./lines.ts";
import { parseReference } from "./reference.ts";

/** How an image is to be kept and run: its tag, and Dockerfile instructions such as `CMD`, `ENV` and `LABEL`. */
export type ImageRecipe = { readonly tag: string; readonly changes: readonly string[] };

/** A label of an image; undefined when the image or the label is absent. */
export async function imageLabel(engine: Docker, image: string, label: string): Promise<string | undefined> {
  return attempt("look for the image", async () => {
    try {
      return (await engine.getImage(image).inspect()).Config?.Labels?.[label];
    } catch (error) {
      if (isGone(error)) return undefined;
      throw error;
    }
  });
}

/** Makes an image from nothing but a tar of its files. */
export async function importImage(engine: Docker, tar: Readable, { tag, changes }: ImageRecipe): Promise<void> {
  const { repository, version } = parseReference(tag);
  await attempt("build the image", async () => {
    const stream = await engine.importImage(tar, { repo: repository, tag: version, changes }) as Readable;
    for await (const { error } of jsonLines<{ error?: string }>(stream)) {
      if (error !== undefined) throw new Error(error);
    }
  });
}

/** Makes an image from another one with more files: a container is created for them, committed and never started. */
export async function extendImage(engine: Docker, base: string, tar: Readable, { tag, changes }: ImageRecipe): Promise<void> {
  const { repository, version } = parseReference(tag);
  await attempt("build the image", async () => {
    const container = await engine.createContainer({ Image: base, Cmd: ["none"], HostConfig: { NetworkMode: "none" } });
    try {
      await container.putArchive(tar, { path: "/" });
      await container.commit({ repo: repository, tag: version, changes: changes as string[] });
    } finally {
      await container.remove({ force: true });
    }
  });
}
