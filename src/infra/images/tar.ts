import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { posix } from "node:path";
import { pipeline } from "node:stream/promises";
import type { Readable } from "node:stream";
import { pack, type Pack } from "tar-stream";

/** A file of an image: its text or bytes, or where on this machine to copy it from. */
export type ImageFile = { readonly content: string | Buffer; readonly mode?: number } | { readonly from: string; readonly mode?: number };

const entry = (tar: Pack, header: Parameters<Pack["entry"]>[0], content = Buffer.alloc(0)): Promise<void> =>
  new Promise((resolve, reject) => {
    tar.entry(header, content, (error) => (error ? reject(error) : resolve()));
  });

const mtime = new Date(0); // the same files make the same bytes

async function write(tar: Pack, files: ReadonlyMap<string, ImageFile>): Promise<void> {
  const folders = new Set<string>(["tmp"]);
  for (const path of files.keys())
    for (let at = posix.dirname(path); at !== "." && at !== "/"; at = posix.dirname(at)) folders.add(at);
  for (const name of [...folders].sort()) await entry(tar, { name, type: "directory", mode: name === "tmp" ? 0o1777 : 0o755, mtime });
  for (const [name, file] of files) {
    const mode = file.mode ?? 0o644;
    if ("content" in file) {
      await entry(tar, { name, mode, mtime }, Buffer.from(file.content));
    } else {
      const { size } = await stat(file.from);
      await pipeline(createReadStream(file.from), tar.entry({ name, mode, mtime, size }));
    }
  }
  tar.finalize();
}

/** A tar of files by their path without a leading slash; the folders that they need come along. */
export function tarOf(files: ReadonlyMap<string, ImageFile>): Readable {
  const tar = pack();
  write(tar, files).catch((error: unknown) => tar.destroy(error instanceof Error ? error : new Error(String(error))));
  return tar as unknown as Readable;
}
