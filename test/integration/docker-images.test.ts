import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, test } from "@jest/globals";
import { PullMeter } from "#infra/docker/progress.ts";
import { parseReference, registryOf } from "#infra/docker/reference.ts";
import { openDockerRuntime } from "#infra/docker/runtime.ts";
import { parseLdd } from "#infra/images/closure.ts";
import type { PullProgress } from "#reactions/ports.ts";
import { dockerSuite, testDocker } from "#test/support/docker.ts";
import { echoAgent } from "#test/support/images.ts";
import { openTestRegistry } from "#test/support/registry.ts";

describe("An image reference", () => {
  test("comes apart into repository and version, whatever it leaves out", () => {
    expect(parseReference("myrepo/agent:v1.0")).toEqual({ repository: "myrepo/agent", version: "v1.0" });
    expect(parseReference("localhost:5000/agent")).toEqual({ repository: "localhost:5000/agent", version: "latest" });
    const digest = `sha256:${"a".repeat(64)}`;
    expect(parseReference(`localhost:5000/agent:1@${digest}`)).toEqual({ repository: "localhost:5000/agent", version: digest });
  });

  test("names the registry that credentials are for", () => {
    expect([registryOf("localhost:5000/agent"), registryOf("ghcr.io/me/agent"), registryOf("me/agent")])
      .toEqual(["localhost:5000", "ghcr.io", "https://index.docker.io/v1/"]);
  });
});

describe("The progress of a pull", () => {
  const detail = (id: string, status: string, current?: number, total?: number) =>
    ({ id, status, progressDetail: { ...(current !== undefined && { current }), ...(total !== undefined && { total }) } });

  test("adds up layers, never goes back, and is whole only at the end", () => {
    const meter = new PullMeter("image");
    meter.take(detail("a", "Pulling fs layer"));
    meter.take(detail("b", "Waiting"));
    expect(meter.take(detail("a", "Downloading", 50, 100))).toEqual({ image: "image", done_bytes: 50, total_bytes: 100, percent: 50 });
    expect(meter.take(detail("b", "Downloading", 10, 900))).toBeUndefined();
    expect(meter.take(detail("a", "Download complete"))).toMatchObject({ done_bytes: 110, total_bytes: 1000, percent: 50 });
    meter.take(detail("b", "Downloading", 900, 900));
    expect(meter.take(detail("b", "Download complete"))).toMatchObject({ percent: 99 });
    expect(meter.end()).toEqual({ image: "image", done_bytes: 1000, total_bytes: 1000, percent: 100 });
  });
});

describe("The libraries of an executable", () => {
  test("are read from ldd on glibc and on musl", () => {
    expect(parseLdd("\tlinux-vdso.so.1 (0x00007ffd)\n\tlibm.so.6 => /lib/x86_64-linux-gnu/libm.so.6 (0x00007f00)\n\t/lib64/ld-linux-x86-64.so.2 (0x00007f01)\n"))
      .toEqual({ libraries: ["/lib/x86_64-linux-gnu/libm.so.6"], loaders: ["/lib64/ld-linux-x86-64.so.2"] });
    expect(parseLdd("\t/lib/ld-musl-x86_64.so.1 (0x7f00)\n\tlibstdc++.so.6 => /usr/lib/libstdc++.so.6 (0x7f01)\n\tlibc.musl-x86_64.so.1 => /lib/ld-musl-x86_64.so.1 (0x7f00)\n"))
      .toEqual({ libraries: ["/usr/lib/libstdc++.so.6", "/lib/ld-musl-x86_64.so.1"], loaders: ["/lib/ld-musl-x86_64.so.1"] });
  });
});

dockerSuite("Images on a Docker Engine", () => {
  const runtime = openDockerRuntime({ address: testDocker, installation: `test-${randomUUID()}`, reach: "loopback" });
  let echo = "";
  beforeAll(async () => {
    echo = await echoAgent();
  }, 240_000);

  test("are used as they are when no registry serves them, pinned so that a start accepts it", async () => {
    const pinned = await runtime.pull(echo, { policy: "missing" });
    expect(pinned).toMatch(/sha256:[0-9a-f]{64}$/);
    expect(await runtime.pull(pinned, { policy: "missing" })).toBe(pinned);
  });

  test("are pulled once, with progress, and pinned by the digest that the registry gave", async () => {
    const registry = await openTestRegistry();
    try {
      const seen: PullProgress[] = [];
      const pinned = await runtime.pull(registry.image, { policy: "missing", onProgress: (progress) => seen.push(progress) });
      expect(pinned).toBe(`${registry.image.replace(/:1$/, "")}@${registry.digest}`);
      const percents = seen.map(({ percent }) => percent);
      expect(percents.at(-1)).toBe(100);
      expect(percents.slice(0, -1).every((percent) => percent < 100)).toBe(true);
      expect(percents).toEqual([...percents].sort((a, b) => a - b));
      const again: PullProgress[] = [];
      expect(await runtime.pull(registry.image, { policy: "missing", onProgress: (progress) => again.push(progress) })).toBe(pinned);
      expect(again).toEqual([]);
      expect(await runtime.pull(registry.image, { policy: "always" })).toBe(pinned);
      await runtime.removeImage(registry.image);
      await runtime.removeImage(pinned);
      await runtime.removeImage(pinned);
    } finally {
      await registry.close();
    }
  }, 120_000);

  test("that no registry has are not found, those that it guards want credentials, and no answer repeats a password", async () => {
    const login = { username: "somebody", password: "open-sesame" };
    const registry = await openTestRegistry(login);
    try {
      const pull = (image: string, credentials?: typeof login) => runtime.pull(image, { policy: "missing", credentials }).catch((error: unknown) => error);
      expect(await pull(registry.image.replace(/:1$/, ":2"), login)).toMatchObject({ code: "image-not-found" });
      expect(await pull(registry.image)).toMatchObject({ code: "image-pull-unauthorized" });
      const wrong = await pull(registry.image, { ...login, password: "guess-guess" });
      expect(wrong).toMatchObject({ code: "image-pull-unauthorized" });
      expect(String(wrong)).not.toContain("guess-guess");
      expect(await pull(registry.image, login)).toBe(`${registry.image.replace(/:1$/, "")}@${registry.digest}`);
      await runtime.removeImage(registry.image);
    } finally {
      await registry.close();
    }
  }, 120_000);

  test("whose registry does not answer fail to be pulled", async () => {
    await expect(runtime.pull("127.0.0.1:1/agent:1", { policy: "missing" })).rejects.toMatchObject({ code: "image-pull-failed" });
  }, 120_000);

  test("that are not asked for any more are not waited for", async () => {
    await expect(runtime.pull("127.0.0.1:9/none:1", { policy: "always", signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "runtime-unavailable" });
  });
});
