import { randomBytes } from "node:crypto";
import { beforeEach, expect, test } from "@jest/globals";
import fc from "fast-check";
import { checkApiKey, hashApiKey, newApiKey } from "#infra/secrets/api-key.ts";
import { parseMasterKey } from "#infra/secrets/master-key.ts";
import { open, seal } from "#infra/secrets/seal.ts";
import { createVault } from "#infra/secrets/vault.ts";
import type { SystemStore } from "#reactions/ports.ts";

type Row = { v: number; key: string; data: string };

const masterKey = randomBytes(32);
const rows = new Map<string, Row>();
// The vault writes, reads and removes; nothing else of the store is its business.
const store = {
  put: async (kind: string, key: string, value: unknown) => { rows.set(`${kind}/${key}`, structuredClone(value) as Row); },
  get: async (kind: string, key: string) => structuredClone(rows.get(`${kind}/${key}`)) ?? null,
  remove: async (kind: string, key: string) => { rows.delete(`${kind}/${key}`); },
} as unknown as SystemStore;
const vault = createVault(store, masterKey);
const row = (ref: string): Row => rows.get(`secret/${ref}`) as Row;

beforeEach(() => rows.clear());

test("any JSON value comes back as it was put", async () => {
  await fc.assert(fc.asyncProperty(fc.string({ unit: "binary" }), fc.jsonValue(), async (ref, secret) => {
    await vault.put(ref, secret);
    expect(JSON.stringify(await vault.get(ref))).toBe(JSON.stringify(secret));
  }), { numRuns: 200 });
});

test("what was never put, or was removed, is null", async () => {
  expect(await vault.get("none")).toBeNull();
  await vault.put("a", "x");
  await vault.remove("a");
  expect(await vault.get("a")).toBeNull();
});

test("the store never holds the secret, and the same secret never looks the same", async () => {
  await vault.put("a", { password: "canary-canary" });
  const first = row("a");
  await vault.put("a", { password: "canary-canary" });
  expect(JSON.stringify([...rows]) + Buffer.from(first.data, "base64").toString("latin1")).not.toContain("canary");
  expect(row("a").key).not.toBe(first.key);
  expect(row("a").data).not.toBe(first.data);
});

test("any single flipped bit closes the secret", async () => {
  await fc.assert(fc.asyncProperty(fc.constantFrom("key" as const, "data" as const), fc.nat(), async (field, at) => {
    await vault.put("a", { username: "u", password: "p" });
    const bytes = Buffer.from(row("a")[field], "base64");
    const bit = at % (bytes.length * 8);
    bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7));
    rows.set("secret/a", { ...row("a"), [field]: bytes.toString("base64") });
    await expect(vault.get("a")).rejects.toThrow("the secret is damaged");
  }), { numRuns: 1_000 });
});

test("any changed character of the stored text closes the secret", async () => {
  await fc.assert(fc.asyncProperty(fc.constantFrom("key" as const, "data" as const), fc.nat(), fc.constantFrom(..."AZaz09+/=-_ \n".split("")), async (field, at, char) => {
    await vault.put("a", "secret");
    const text = row("a")[field];
    const place = at % text.length;
    fc.pre(text[place] !== char);
    rows.set("secret/a", { ...row("a"), [field]: text.slice(0, place) + char + text.slice(place + 1) });
    await expect(vault.get("a")).rejects.toThrow("the secret is damaged");
  }), { numRuns: 500 });
});

test("rows, or parts of rows, that change places close both secrets", async () => {
  await fc.assert(fc.asyncProperty(fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 2, maxLength: 2 }), fc.constantFrom("row", "key", "data", "parts"), async ([a = "", b = ""], what) => {
    await vault.put(a, "for a");
    await vault.put(b, "for b");
    const [first, second] = [row(a), row(b)];
    const moved = { row: second, key: { ...first, key: second.key }, data: { ...first, data: second.data }, parts: { ...first, key: first.data, data: first.key } };
    rows.set(`secret/${a}`, moved[what as keyof typeof moved]);
    await expect(vault.get(a)).rejects.toThrow("the secret is damaged");
  }), { numRuns: 300 });
});

test("another master key, cut or extended rows and other shapes close the secret", async () => {
  await vault.put("a", "secret");
  await expect(createVault(store, randomBytes(32)).get("a")).rejects.toThrow("another key");
  const good = row("a");
  for (const bad of [{ ...good, v: 2 }, { ...good, extra: 1 }, { v: 1, key: good.key }, { ...good, data: "" }, { ...good, data: good.data.slice(0, 20) }, "text", []]) {
    rows.set("secret/a", bad as Row);
    await expect(vault.get("a")).rejects.toThrow("the secret is damaged");
  }
});

test("no two nonces are the same", () => {
  const nonces = Array.from({ length: 5_000 }, () => seal(masterKey, "c", Buffer.from("x")).slice(0, 16));
  expect(new Set(nonces).size).toBe(nonces.length);
  expect(open(masterKey, "c", seal(masterKey, "c", Buffer.from("x"))).toString()).toBe("x");
});

test("a master key is read from hex and base64, and is nothing else", () => {
  const key = Buffer.alloc(32, 0xfb);
  for (const text of [key.toString("hex"), key.toString("hex").toUpperCase(), key.toString("base64"), key.toString("base64url"), ` ${key.toString("hex")}\n`])
    expect(parseMasterKey(text).equals(key)).toBe(true);
  for (const text of ["", "password", "0".repeat(63), "0".repeat(65), key.toString("base64").slice(1), `${key.toString("base64")}AAAA`, "!".repeat(44)])
    expect(() => parseMasterKey(text)).toThrow("the master key must be 32 bytes");
  expect(() => createVault(store, Buffer.alloc(16))).toThrow("32 bytes");
});

test("a thousand keys are well-formed, different and hinted at by their start alone", () => {
  const keys = Array.from({ length: 1_000 }, () => newApiKey(randomBytes));
  for (const { key, hint } of keys) {
    expect(checkApiKey(key)).toBe(true);
    expect(key).toMatch(/^ah_[a-z2-7]{38}$/);
    expect(hint).toBe(`${key.slice(0, 7)}...`);
  }
  expect(new Set(keys.map(({ key }) => key)).size).toBe(1_000);
});

test("a key is 160 bits of what the source of randomness gave", () => {
  const key = (byte: number): string => newApiKey((count) => new Uint8Array(count).fill(byte)).key;
  expect(key(0)).toMatch(/^ah_a{32}[a-z2-7]{6}$/);
  expect(key(255)).toMatch(/^ah_7{32}[a-z2-7]{6}$/);
});

test("a mistyped key is told from its checksum", () => {
  fc.assert(fc.property(fc.nat(37), fc.constantFrom(..."abcdefghijklmnopqrstuvwxyz234567".split("")), (at, char) => {
    const { key } = newApiKey(randomBytes);
    fc.pre(key[at + 3] !== char);
    expect(checkApiKey(key.slice(0, at + 3) + char + key.slice(at + 4))).toBe(false);
  }), { numRuns: 1_000 });
  for (const text of ["", "ah_", "ah_".padEnd(41, "a"), `${newApiKey(randomBytes).key} `, newApiKey(randomBytes).key.toUpperCase()]) expect(checkApiKey(text)).toBe(false);
});

test("what is kept of a key depends on the key and the pepper", () => {
  const { key } = newApiKey(randomBytes);
  expect(hashApiKey(key, "pepper")).toMatch(/^[0-9a-f]{64}$/);
  expect(hashApiKey(key, "pepper")).toBe(hashApiKey(key, Buffer.from("pepper")));
  expect(hashApiKey(key, "pepper")).not.toBe(hashApiKey(key, "other"));
  expect(hashApiKey(newApiKey(randomBytes).key, "pepper")).not.toBe(hashApiKey(key, "pepper"));
});
