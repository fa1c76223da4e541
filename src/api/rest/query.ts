import type { Request } from "express";

const none: Readonly<Record<string, unknown>> = {};

/** The query of a request; most have none, and nothing to look for. */
export const queryOf = (request: Request): Readonly<Record<string, unknown>> => (request.url.includes("?") ? request.query : none);
