import type { ServerResponse } from "node:http";
import { type Asked, pathOf } from "./address.ts";

/** What answers requests at an address. */
export type Handler = (request: Asked, response: ServerResponse) => unknown;

/** Endpoints at one path, by method in capitals. */
export interface PathHandlers {
  /** `/agents/{id}`. */
  readonly path: string;
  readonly handlers: ReadonlyMap<string, Handler>;
}

/** The endpoint of a request. */
export interface Found {
  readonly path: string;
  readonly params: Record<string, string>;
  readonly handler: Handler;
}

interface Known extends PathHandlers {
  readonly segments: readonly { readonly name: string | null; readonly text: string }[];
}

// What is written in any other way, which is allowed, is express's to read.
const plain = /^(?:\/[\w.-]+)+$/;

const fits = ({ segments }: Known, given: readonly string[]): boolean => segments.every(({ name, text }, at) => name !== null || text === given[at]);

function paramsOf({ segments }: Known, given: readonly string[]): Record<string, string> {
  const params: Record<string, string> = {};
  segments.forEach(({ name }, at) => { if (name !== null) params[name] = given[at] ?? ""; });
  return params;
}

/** Finds the endpoint of a plainly written address without trying every path; null for whatever express has to judge. */
export function directRoutes(paths: readonly PathHandlers[]): (method: string, url: string) => Found | null {
  const known = paths.map((entry): Known => ({
    ...entry, segments: entry.path.slice(1).split("/").map((text) => ({ text, name: /^\{(\w+)\}$/.exec(text)?.[1] ?? null })),
  }));
  const byLength = Map.groupBy(known, ({ segments }) => segments.length);
  return (method, url) => {
    const path = pathOf(url);
    if (!plain.test(path)) return null;
    const given = path.slice(1).split("/");
    const entry = byLength.get(given.length)?.find((known) => fits(known, given));
    const handler = entry?.handlers.get(method);
    return entry === undefined || handler === undefined ? null : { path: entry.path, params: paramsOf(entry, given), handler };
  };
}
