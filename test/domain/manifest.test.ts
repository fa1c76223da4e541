import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { endpointPath, imageReference, manifestInput } from "#domain/agent/manifest.ts";
import { formatMemory, parseMemory } from "#domain/agent/resources.ts";
import { mainPrice, priceInput } from "#domain/billing/price.ts";

const refused = (schema: { safeParse(value: unknown): { success: boolean } }, values: readonly unknown[]) =>
  values.filter((value) => schema.safeParse(value).success);

describe("a manifest", () => {
  it("fills in what was left out", () => {
    const manifest = manifestInput.parse({ name: "echo", version: "1.0.0", protocol: "ACP", docker: {} });
    expect(manifest).toMatchObject({
      protocol: "acp", category: "general", limits: { max_instances: 10 }, resources: { memory: 536_870_912, cpu: "0.5" },
      docker: { port: 8000, pull: "missing" }, health: { path: "/health" },
    });
  });
  it("refuses unknown fields, hostile names and impossible sizes", () => {
    const base = { name: "echo", version: "1.0.0" };
    expect(refused(manifestInput, [
      { ...base, status: "running" }, { ...base, name: "x".repeat(101) }, { ...base, name: "a\u0000b" }, { ...base, name: "a\u202eb" },
      { ...base, resources: { memory: "999T" } }, { ...base, resources: { memory: "512" } }, { ...base, resources: { cpu: "NaN" } },
      { ...base, docker: { privileged: true } }, { ...base, version: "a b" }, { ...base, limits: { max_instances: 0 } }, { ...base, endpoint: "file:///etc/passwd" },
    ])).toEqual([]);
  });
  it("reads memory in binary units", () => {
    expect([536_870_912, 1_073_741_824, 6_292_480, 6_291_457].map(formatMemory)).toEqual(["512M", "1G", "6145K", "6291457 bytes"]);
    expect(["512M", "512MiB", "1G", "6144K", "512", "-1", "1.5G", "0M"].map(parseMemory)).toEqual([536_870_912, 536_870_912, 1_073_741_824, 6_291_456, undefined, undefined, undefined, undefined]);
  });
});

describe("an image reference", () => {
  it("is taken as Docker takes it", () => {
    expect(refused(imageReference, ["-v/:/host", "a b", "../x", "Repo/Name", "", "a//b", "repo:tag:tag", "x@sha256:12"])).toEqual([]);
    for (const good of ["echo", "myrepo/agent:v1.0", "localhost:5000/a/b_c:1", `ghcr.io/x/y@sha256:${"a".repeat(64)}`]) expect(imageReference.parse(good)).toBe(good);
  });
});

describe("an endpoint's path", () => {
  it("never leaves the agent", () => {
    expect(refused(endpointPath, ["//evil", "/../admin", "/a/../../b", "http://evil", "/a\r\nHost: x", "\\@evil", "/%2e%2e/x", "/a%2fb", "/a#b", "", "a"])).toEqual([]);
    for (const good of ["/", "/analyze", "/v1/a.b/c?x=1"]) expect(endpointPath.parse(good)).toBe(good);
  });
});

describe("a price", () => {
  it("reads the short form, strings and numbers alike", () => {
    expect(priceInput.parse({ type: "per_request", price: 0.01, currency: "USD" })).toEqual(priceInput.parse({ type: "per_request", price_per_request: "0.010" }));
    expect(mainPrice(priceInput.parse({ type: "hybrid", base_price: "5", price_per_hour: "0.1" }))).toBe("5");
  });
  it("refuses what is no amount and what does not belong", () => {
    expect(refused(priceInput, [
      { type: "per_request", price: -1 }, { type: "per_request", price: "1e309" }, { type: "per_request", price: Number.POSITIVE_INFINITY }, { type: "per_request", price: "0.01abc" },
      { type: "per_request", price: "0.00000000000000000001" }, { type: "per_request", price: "1", currency: "usd " }, { type: "per_request", price: "1", currency: "XXX" },
      { type: "per_hour" }, { type: "per_hour", price_per_request: "1" }, { type: "hybrid", price_per_hour: "1", price_per_minute: "1" }, { type: "free" },
    ])).toEqual([]);
  });
  it("reads any number as its shortest decimal or not at all", () => {
    fc.assert(fc.property(fc.double({ min: 0, max: 1e15, noNaN: true }), (price) => {
      const parsed = priceInput.safeParse({ type: "per_hour", price });
      if (parsed.success) expect(Math.abs(Number(parsed.data.price_per_hour) - price)).toBeLessThanOrEqual(1e-12 * Math.max(1, price));
    }));
  });
});
