import type { ServerResponse } from "node:http";
import type { z } from "zod";
import type { CommandRequest } from "#commands/execute.ts";
import type { Role } from "#domain/account/account.ts";
import type { Principal } from "../auth/principal.ts";
import type { Asked } from "./address.ts";
import type { Preference } from "./prefer.ts";

/** What a path parameter names; what does not look like one answers as absent. */
export type ParamKind = "agent" | "instance" | "task" | "account" | "key" | "text";

/** Bodies that an endpoint takes. */
export type BodyKind = "json" | "manifest" | "usage";

/** A request that passed every check. */
export interface Call<Q, B> {
  readonly principal: Principal;
  readonly params: Readonly<Record<string, string>>;
  readonly query: Q;
  readonly body: B;
  readonly prefer: Preference;
  /** Whether the request carried an Idempotency-Key. */
  readonly keyed: boolean;
  /** The request as a command of the caller, or of another account's object. */
  readonly command: (about?: { account?: string; agent?: string; instance?: string }) => CommandRequest;
  readonly request: Asked;
  readonly response: ServerResponse;
}

/** What a handler answers; null when it has written the response itself. */
export interface Answer {
  readonly status?: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Where a reader sees what was written. */
  readonly position?: string;
  /** Whether the command had been done before. */
  readonly repeated?: boolean;
  readonly type?: string;
}

/** An endpoint: what routes it and what documents it. */
export interface Declaration<Q, B> {
  readonly method: "get" | "post" | "patch" | "delete";
  /** `/agents/{id}`. */
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  /** Roles of which one is needed; `any` for every key, `public` without one. */
  readonly roles: readonly Role[] | "any" | "public";
  readonly params?: Readonly<Record<string, ParamKind>>;
  readonly query?: z.ZodType<Q>;
  readonly body?: z.ZodType<B>;
  readonly bodyKind?: BodyKind;
  readonly maxBytes?: number;
  /** Media types of an answer that is not JSON. */
  readonly produces?: readonly string[];
  /** A key that is scoped to one instance may call it. */
  readonly scopedKeys?: boolean;
  /** Answered without waiting for read models, and never limited. */
  readonly probe?: boolean;
  readonly responses: Readonly<Record<number, z.ZodType>>;
  readonly handler: (call: Call<Q, B>) => Promise<Answer | null> | Answer | null;
}

/** An endpoint whose input types only its handler knows. */
export type Route = Declaration<unknown, unknown>;

/** Declares an endpoint; its routing and its documentation are both made from this. */
export const route = <Q = Record<string, never>, B = undefined>(declaration: Declaration<Q, B>): Route => declaration as unknown as Route;
