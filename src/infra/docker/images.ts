import type { Readable } from "node:stream";
import type Docker from "dockerode";
import { RuntimeError, type ContainerRuntime, type RegistryCredentials } from "#reactions/ports.ts";
import { attempt, isGone, statusOf, unavailable, wordsOf } from "./failures.ts";
import { jsonLines } from "./lines.ts";
import { PullMeter, type PullLine } from "./progress.ts";
import { familiar, parseReference, registryOf } from "./reference.ts";

type PullOptions = Parameters<ContainerRuntime["pull"]>[1];

const refused = /unauthorized|authentication required|no basic auth|denied|forbidden|incorrect username or password/i;
const missing = /not found|manifest unknown|name unknown|no such image|does not exist|no matching manifest/i;

// A registry's words may quote what it was sent, so none of them are passed on.
function pullFailure(error: unknown, image: string, withCredentials: boolean): RuntimeError {
  if (error instanceof RuntimeError) return error;
  const lost = unavailable(error);
  if (lost !== undefined) return lost;
  const words = wordsOf(error);
  // Docker Hub answers alike for what is absent and what is private: who gave credentials meant the latter.
  const either = /repository does not exist or may require/i.test(words);
  if (refused.test(words) && (withCredentials || !either))
    return new RuntimeError("image-pull-unauthorized", `The registry refuses to serve ${image} with ${withCredentials ? "these" : "no"} credentials`);
  if (missing.test(words) || statusOf(error) === 404)
    return new RuntimeError("image-not-found", either ? `No image ${image} was found, or its registry wants credentials` : `No image ${image} was found`);
  return new RuntimeError("image-pull-failed", `The image ${image} could not be pulled`);
}

function auth(image: string, { username, password, registry }: RegistryCredentials): Docker.AuthConfig {
  return { username, password, serveraddress: registry ?? registryOf(parseReference(image).repository) };
}

/** The images of an engine. */
export class Images {
  readonly #engine: Docker;

  constructor(engine: Docker) {
    this.#engine = engine;
  }

  /** Makes sure that an image is there and answers what pins it. */
  async pull(image: string, options: PullOptions): Promise<string> {
    if (options.policy === "missing") {
      const present = await attempt("look for the image", () => this.#pinned(image));
      if (present !== null) return present;
    }
    try {
      options.signal?.throwIfAborted();
      await this.#fetch(image, options);
      const pinned = await this.#pinned(image);
      if (pinned === null) throw new RuntimeError("image-pull-failed", `The image ${image} was pulled, but the engine does not keep it`);
      return pinned;
    } catch (error) {
      throw pullFailure(error, image, options.credentials !== undefined);
    }
  }

  /** Removes an image; one that is used or gone is fine. */
  async remove(image: string): Promise<void> {
    await attempt("remove the image", () => this.#engine.getImage(image).remove().catch((error: unknown) => {
      if (!isGone(error) && statusOf(error) !== 409) throw error;
    }));
  }

  async #fetch(image: string, { credentials, onProgress, signal }: PullOptions): Promise<void> {
    const { repository, version } = parseReference(image);
    const meter = new PullMeter(image);
    // The client destroys the answer, too, when the signal is aborted.
    const asked = { fromImage: repository, tag: version, ...(signal && { abortSignal: signal }) };
    const stream = await this.#engine.createImage(credentials === undefined ? {} : auth(image, credentials), asked) as Readable;
    try {
      for await (const line of jsonLines<PullLine>(stream)) {
        if (line.error !== undefined) throw new Error(line.errorDetail?.message ?? line.error);
        const progress = meter.take(line);
        if (progress !== undefined) onProgress?.(progress);
      }
      signal?.throwIfAborted();
      onProgress?.(meter.end());
    } finally {
      stream.destroy(); // also tells the engine to give up a pull that was cut short
    }
  }

  // A digest reference outlives a moved tag; an image that no registry served has its id alone.
  async #pinned(image: string): Promise<string | null> {
    try {
      const info = await this.#engine.getImage(image).inspect();
      const repository = familiar(parseReference(image).repository);
      return info.RepoDigests?.find((digest) => parseReference(digest).repository === repository) ?? info.Id;
    } catch (error) {
      if (isGone(error)) return null;
      throw error;
    }
  }
}
