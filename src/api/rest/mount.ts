import { IncomingMessage, type RequestListener, ServerResponse } from "node:http";
import { Socket } from "node:net";
import express, { type Express, type NextFunction, type Request, type Response } from "express";
import helmet from "helmet";
import { webPage } from "../web.ts";
import type { RestContext } from "./context.ts";
import { directRoutes, type PathHandlers } from "./direct.ts";
import { dispatch, sendProblem } from "./dispatch.ts";
import type { Telemetry } from "./metrics.ts";
import { Problem } from "./problem-details.ts";
import type { Route } from "./route.ts";

const expressPath = (path: string): string => path.replaceAll(/\{(\w+)\}/g, ":$1");
// Which agent, whose instance and what was asked for stay out of the log: paths are logged as their route.
const routeOf = (request: Request): string => (request.route as { path?: string } | undefined)?.path ?? "unknown";

// A logger of its own for each request would cost more than the rest of what is done here.
function logging({ services: { log, ids } }: RestContext, telemetry: Telemetry) {
  return (request: Request, response: Response): void => {
    const start = performance.now();
    const id = ids.random().replaceAll("-", "");
    Object.assign(request, { id });
    response.setHeader("x-request-id", id);
    response.on("close", () => {
      const ms = performance.now() - start;
      const level = response.statusCode >= 500 ? "warn" : "debug";
      if (response.writableFinished) telemetry.answered(routeOf(request), request.method, response.statusCode, ms / 1000);
      if (log.isLevelEnabled(level))
        log[level]({ req: { id, method: request.method }, res: { status: response.statusCode }, route: routeOf(request), responseTime: Math.round(ms) }, response.writableFinished ? "request completed" : "request aborted");
    });
  };
}

// They are the same for every answer, so they are made once.
function protectiveHeaders(): (readonly [name: string, value: string])[] {
  const headers = new Map<string, string>();
  const protect = helmet({
    contentSecurityPolicy: { directives: { "default-src": ["'self'"], "style-src": ["'self'", "'unsafe-inline'"], "font-src": ["'self'"], "connect-src": ["'self'", "ws:", "wss:"], "upgrade-insecure-requests": null } },
    // Plain HTTP on a private network must keep working; a proxy that ends TLS sets its own.
    strictTransportSecurity: false,
  });
  const response = new ServerResponse(new IncomingMessage(new Socket()));
  response.setHeader = (name, value) => {
    headers.set(name, String(value));
    return response;
  };
  protect(response.req, response, (error?: unknown) => { if (error instanceof Error) throw error; });
  return [...headers];
}

function mountRoutes(app: Express, context: RestContext, paths: readonly PathHandlers[]): void {
  for (const { path, handlers } of paths) {
    for (const [method, handler] of handlers) app[method.toLowerCase() as Route["method"]](expressPath(path), handler);
    const methods = [...handlers.keys()];
    const allow = [...new Set([...methods, ...(methods.includes("GET") ? ["HEAD"] : []), "OPTIONS"])].join(", ");
    app.all(expressPath(path), (request: Request, response: Response) => {
      if (request.method === "OPTIONS") return void response.status(204).set("allow", allow).end();
      sendProblem(context, request, response, new Problem("method-not-allowed", `This address takes ${allow}.`, { headers: { allow } }));
    });
  }
}

function handlersOf(context: RestContext, routes: readonly Route[]): PathHandlers[] {
  // `/agents/register` must answer for itself before `/agents/{id}` takes it for an id.
  const paths = [...Map.groupBy(routes, (route) => route.path)].toSorted(([a], [b]) => Number(a.includes("{")) - Number(b.includes("{")));
  return paths.map(([path, all]) => ({ path, handlers: new Map(all.map((route) => [route.method.toUpperCase(), dispatch(context, route)])) }));
}

/** The express application that serves every route. */
export function mount(context: RestContext, routes: readonly Route[], telemetry: Telemetry): Express {
  const { settings } = context.services;
  const app = express();
  app.disable("x-powered-by");
  app.disable("etag");
  app.set("query parser", "simple");
  app.enable("case sensitive routing");
  const protective = protectiveHeaders();
  const begin = logging(context, telemetry);
  const paths = handlersOf(context, routes);
  const direct = directRoutes(paths);
  app.use((request: Request, response: Response, next: NextFunction) => {
    for (const [name, value] of protective) response.setHeader(name, value);
    begin(request, response);
    const found = direct(request.method, request.url);
    if (found === null) return next();
    Object.assign(request, { params: found.params, route: { path: expressPath(found.path) } });
    return found.handler(request, response, next);
  });
  mountRoutes(app, context, paths);
  if (settings.public_dir !== undefined) app.use(webPage(settings.public_dir));
  app.use((request: Request, response: Response) => sendProblem(context, request, response, new Problem("not-found", "There is nothing at this address.")));
  // Express finds four parameters to be an error handler: a path that cannot be decoded ends here.
  app.use((error: unknown, request: Request, response: Response, _next: unknown) => sendProblem(context, request, response, error));
  return app;
}

/** Serves an application; what express finds no path in, and would answer in a way of its own, is a problem, too. */
export const serving = (context: RestContext, app: Express): RequestListener => (request, response) => {
  app(request as Request, response as Response, () => {
    Object.assign(request, { id: context.services.ids.random().replaceAll("-", "") });
    sendProblem(context, request as Request, response as Response, new Problem("malformed-request", "The request's address cannot be read."));
  });
};
