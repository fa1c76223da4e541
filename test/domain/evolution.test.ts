import { readFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import { z } from "zod";
import { catalogue, decode, readData, whyUnreadable } from "#domain/catalogue.ts";
import { eventType, type StoredEvent } from "#domain/kernel/event.ts";
import { type Upcasters, upcasters } from "#domain/upcasters.ts";

interface Golden { readonly type: string; readonly schema_version: number; readonly data: unknown }
const golden = JSON.parse(readFileSync(new URL("../golden/events.json", import.meta.url), "utf8")) as readonly Golden[];

const stored = (type: string, schema_version: number, data: unknown): StoredEvent => ({
  id: "e", type, data, stream: "s", revision: 0, position: "1",
  metadata: { schema_version, recorded_at: "2026-11-01T12:00:00.000Z", account: "a", actor: "a", command_id: "c", correlation_id: "c", causation_id: "c" },
});

describe("every event version ever shipped", () => {
  it.each(golden.map((one) => [one.type, one.schema_version, one] as const))("%s version %i loads, and keeps every field while its version is today's", (type, version, { data }) => {
    const read = readData(stored(type, version, data));
    expect(read).not.toBeNull();
    if (catalogue.get(type)?.version === version) expect(read).toEqual(data);
  });
  it("has its example in test/golden/events.json, which is only ever added to, and its step to the next version", () => {
    const examples = new Set(golden.map(({ type, schema_version }) => `${type} ${schema_version}`));
    for (const { type, version: newest } of catalogue.values())
      for (let version = 1; version <= newest; version += 1) {
        expect(examples).toContain(`${type} ${version}`);
        if (version < newest) expect(upcasters[type]?.[version]).toBeDefined();
      }
  });
});

describe("an event of an earlier version", () => {
  const renamed = eventType("Renamed", z.object({ name: z.string(), language: z.string() }), 3);
  const steps: Upcasters = { Renamed: {
    1: (data) => ({ name: (data as { title: string }).title }),
    2: (data, { account }) => ({ ...data as object, language: `of ${account}` }),
  } };
  const read = (version: number, data: unknown, table = steps) => readData(stored("Renamed", version, data), renamed, table);

  it("is lifted step by step to today's form when it is read", () => {
    expect(read(1, { title: "x" })).toEqual({ name: "x", language: "of a" });
    expect(read(2, { name: "x" })).toEqual({ name: "x", language: "of a" });
    expect(read(3, { name: "x", language: "en" })).toEqual({ name: "x", language: "en" });
  });
  it("is unreadable, and nothing is guessed, where a step is missing or the version is newer than known", () => {
    expect(read(1, { title: "x" }, { Renamed: { 2: (data) => data } })).toBeNull();
    expect(read(4, { name: "x", language: "en" })).toBeNull();
  });
});

describe("an event that this release cannot read", () => {
  const [first] = golden;
  if (first === undefined) throw new Error("there is no golden event");

  it("is told from others by its reason", () => {
    expect(whyUnreadable(stored("Unheard", 1, {}))).toBe("Unheard is no event type that this release knows");
    expect(whyUnreadable(stored(first.type, 99, first.data))).toContain("has version 99");
    expect(whyUnreadable(stored(first.type, 1, {}))).toContain("does not fit");
    expect(whyUnreadable(stored(first.type, 1, first.data))).toBeNull();
  });
  it("is no event for those who fold, and what can be read is marked as being in today's form", () => {
    expect(decode(stored("Unheard", 1, {}))).toBeNull();
    expect(decode(stored(first.type, 1, first.data))?.metadata.schema_version).toBe(catalogue.get(first.type)?.version);
  });
});
