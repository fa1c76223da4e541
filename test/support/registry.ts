import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { tarOf } from "#infra/images/tar.ts";

/** A registry of one image, `agent:1`, on loopback, which engines use without TLS. */
export type TestRegistry = { readonly image: string; readonly digest: string; close(): Promise<void> };

const sha256 = (data: Buffer): string => `sha256:${createHash("sha256").update(data).digest("hex")}`;
const manifestType = "application/vnd.docker.distribution.manifest.v2+json";
const layerType = "application/vnd.docker.image.rootfs.diff.tar"; // not compressed
const configType = "application/vnd.docker.container.image.v1+json";

/** Opens the registry; with a login it serves nobody else. */
export async function openTestRegistry(login?: { username: string; password: string }): Promise<TestRegistry> {
  // Bytes of its own for every registry: an engine downloads what it has not seen.
  const layer = await buffer(tarOf(new Map([["data.bin", { content: randomBytes(3 << 20) }]])));
  const config = Buffer.from(JSON.stringify({
    architecture: process.arch === "x64" ? "amd64" : process.arch, os: "linux",
    config: { Cmd: ["/none"] }, rootfs: { type: "layers", diff_ids: [sha256(layer)] },
    created: "2026-01-01T00:00:00Z", history: [{ created: "2026-01-01T00:00:00Z", created_by: "test" }],
  }));
  const describe = (mediaType: string, data: Buffer) => ({ mediaType, size: data.length, digest: sha256(data) });
  const manifest = Buffer.from(JSON.stringify({
    schemaVersion: 2, mediaType: manifestType, config: describe(configType, config), layers: [describe(layerType, layer)],
  }));
  const digest = sha256(manifest);
  const blobs = new Map([layer, config].map((data) => [sha256(data), data]));
  const wanted = login && `Basic ${Buffer.from(`${login.username}:${login.password}`).toString("base64")}`;

  function send(response: ServerResponse, data: Buffer | undefined, type: string, head: boolean): void {
    if (data === undefined) {
      response.writeHead(404, { "content-type": "application/json" });
      response.end(JSON.stringify({ errors: [{ code: "MANIFEST_UNKNOWN", message: "manifest unknown" }] }));
      return;
    }
    response.writeHead(200, { "content-type": type, "content-length": data.length, "docker-content-digest": sha256(data) });
    response.end(head ? undefined : data);
  }

  const server = createServer((request, response) => {
    response.setHeader("docker-distribution-api-version", "registry/2.0");
    if (wanted !== undefined && request.headers.authorization !== wanted) {
      response.writeHead(401, { "www-authenticate": 'Basic realm="test"', "content-type": "application/json" });
      response.end(JSON.stringify({ errors: [{ code: "UNAUTHORIZED", message: "authentication required" }] }));
      return;
    }
    const head = request.method === "HEAD";
    const [, kind, reference = ""] = /^\/v2\/agent\/(manifests|blobs)\/([^?]+)/.exec(request.url ?? "") ?? [];
    if (/^\/v2\/?$/.test(request.url ?? "")) send(response, Buffer.from("{}"), "application/json", head);
    else if (kind === "blobs") send(response, blobs.get(reference), "application/octet-stream", head);
    else send(response, kind === "manifests" && ["1", digest].includes(reference) ? manifest : undefined, manifestType, head);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    image: `127.0.0.1:${(server.address() as AddressInfo).port}/agent:1`,
    digest,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
