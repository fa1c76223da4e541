import type { IncomingMessage } from "node:http";
import { parse, type ParsedUrlQuery } from "node:querystring";

/** A request on its way to its endpoint. */
export interface Asked extends IncomingMessage {
  /** The trace id, which every log line of it carries. */
  id?: string;
  params?: Readonly<Record<string, unknown>>;
  /** Its endpoint, in express's way of writing. */
  route?: { readonly path?: string };
}

/** The query of an address that has none. */
export const noneAsked: ParsedUrlQuery = {};

/** The path of a request's address. */
export function pathOf(url = "/"): string {
  const query = url.indexOf("?");
  return query === -1 ? url : url.slice(0, query);
}

/** The query of a request's address; most have none. */
export function queryOf(url = "/"): Readonly<ParsedUrlQuery> {
  const query = url.indexOf("?");
  return query === -1 ? noneAsked : parse(url.slice(query + 1));
}
