import type { RequestListener, ServerResponse } from "node:http";
import express, { type Express, type NextFunction, type Request, type Response } from "express";
import type { Ids } from "#commands/ports.ts";
import { webPage } from "../web.ts";
import type { Asked } from "./address.ts";
import type { RestContext } from "./context.ts";
import { directRoutes, type PathHandlers } from "./direct.ts";
import { dispatch, sendProblem } from "./dispatch.ts";
import { addHeaders, holdHeaders, protective } from "./headers.ts";
import type { Telemetry } from "./metrics.ts";
import { Problem } from "./problem-details.ts";
import type { Route } from "./route.ts";

const expressPath = (path: string): string => path.replaceAll(/\{(\w+)\}/g, ":$1");
// Which agent, whose instance and what was asked for stay out of the log: paths are logged as their route.
const routeOf = ({ route }: Asked): string => route?.path ?? "unknown";

/** Gives a request the trace id that it is known by, and answers it. */
function identify(request: Asked, ids: Ids): string {
  const id = ids.random().replaceAll("-", "");
  request.id = id;
  return id;
}

// A logger of its own for each request would cost more than the rest of what is done here.
function logging({ services: { log, ids } }: RestContext, telemetry: Telemetry) {
  return (request: Asked, response: ServerResponse): void => {
    const start = performance.now();
    const id = identify(request, ids);
    addHeaders(response, { "x-request-id": id });
    response.on("close", () => {
      const ms = performance.now() - start;
      const level = response.statusCode >= 500 ? "warn" : "debug";
      if (response.writableFinished) telemetry.answered(routeOf(request), request.method ?? "", response.statusCode, ms / 1000);
      if (log.isLevelEnabled(level))
        log[level]({ req: { id, method: request.method }, res: { status: response.statusCode }, route: routeOf(request), responseTime: Math.round(ms) }, response.writableFinished ? "request completed" : "request aborted");
    });
  };
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

function application(context: RestContext, paths: readonly PathHandlers[], begin: (request: Asked, response: ServerResponse) => void): Express {
  const { settings } = context.services;
  const app = express();
  app.disable("x-powered-by");
  app.disable("etag");
  app.set("query parser", "simple");
  app.enable("case sensitive routing");
  app.use((request: Request, response: Response, next: NextFunction) => {
    addHeaders(response, protective);
    begin(request, response);
    next();
  });
  mountRoutes(app, context, paths);
  if (settings.public_dir !== undefined) app.use(webPage(settings.public_dir));
  app.use((request: Request, response: Response) => sendProblem(context, request, response, new Problem("not-found", "There is nothing at this address.")));
  // Express finds four parameters to be an error handler: a path that cannot be decoded ends here.
  app.use((error: unknown, request: Request, response: Response, _next: unknown) => sendProblem(context, request, response, error));
  return app;
}

/** Serves every route: express does, but for endpoints whose address is plainly written, which need no search. */
export function mount(context: RestContext, routes: readonly Route[], telemetry: Telemetry): RequestListener {
  const begin = logging(context, telemetry);
  const paths = handlersOf(context, routes);
  const app = application(context, paths, begin);
  const direct = directRoutes(paths);
  const named = new Map(paths.map(({ path }) => [path, { path: expressPath(path) }]));
  // What express finds no path in, and would answer in a way of its own, is a problem, too.
  const pathless = (request: Asked, response: ServerResponse): void => {
    identify(request, context.services.ids);
    sendProblem(context, request, response, new Problem("malformed-request", "The request's address cannot be read."));
  };
  return (request: Asked, response) => {
    const found = direct(request.method ?? "", request.url ?? "");
    if (found === null) {
      app(request as Request, response as Response, () => pathless(request, response));
      return;
    }
    request.params = found.params;
    request.route = named.get(found.path) ?? {};
    holdHeaders(response);
    begin(request, response);
    found.handler(request, response);
  };
}
