import type { EventMetadata } from "./kernel/event.ts";

/** Lifts the data of one version of an event type to the next version's form. Pure: what is missing is derived, never looked up. */
export type Upcast = (data: unknown, metadata: EventMetadata) => unknown;

/** Steps by event type and by the version that they start from. */
export type Upcasters = Readonly<Record<string, Readonly<Record<number, Upcast>>>>;

/**
 * Every step that an old event takes when it is read; the stored event stays as it is. When a type gets version 2, its step from 1
 * comes here and an example of version 2 joins test/golden/events.json: `SomethingHappened: { 1: (data) => ({ ...data, added: "" }) }`.
 */
export const upcasters: Upcasters = {};
