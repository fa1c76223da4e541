import express, { type Express, type Request, type Response } from "express";
import helmet from "helmet";
import { pinoHttp } from "pino-http";
import { webPage } from "../web.ts";
import type { RestContext } from "./context.ts";
import { dispatch, sendProblem, traceOf } from "./dispatch.ts";
import type { Telemetry } from "./metrics.ts";
import { Problem } from "./problem-details.ts";
import type { Route } from "./route.ts";

const expressPath = (path: string): string => path.replaceAll(/\{(\w+)\}/g, ":$1");
// Which agent, whose instance and what was asked for stay out of the log: paths are logged as their route.
const routeOf = (request: Request): string => (request.route as { path?: string } | undefined)?.path ?? "unknown";

function logging(context: RestContext) {
  const { log, ids } = context.services;
  return pinoHttp({
    logger: log,
    genReqId: () => ids.random().replaceAll("-", ""),
    quietReqLogger: true,
    serializers: {
      req: (request: { id: unknown; method: unknown }) => ({ id: request.id, method: request.method }),
      res: (response: { statusCode: unknown }) => ({ status: response.statusCode }),
      err: (error: { type?: unknown }) => ({ type: error.type }),
    },
    customProps: (request) => ({ route: routeOf(request as Request) }),
    customLogLevel: (_request, response, error) => (error !== undefined || response.statusCode >= 500 ? "warn" : "debug"),
  });
}

function mountRoutes(app: Express, context: RestContext, routes: readonly Route[]): void {
  // `/agents/register` must answer for itself before `/agents/{id}` takes it for an id.
  const paths = [...Map.groupBy(routes, (route) => route.path)].toSorted(([a], [b]) => Number(a.includes("{")) - Number(b.includes("{")));
  for (const [path, all] of paths) {
    for (const route of all) app[route.method](expressPath(path), dispatch(context, route));
    const methods = all.map((route) => route.method.toUpperCase());
    const allow = [...new Set([...methods, ...(methods.includes("GET") ? ["HEAD"] : []), "OPTIONS"])].join(", ");
    app.all(expressPath(path), (request: Request, response: Response) => {
      if (request.method === "OPTIONS") return void response.status(204).set("allow", allow).end();
      sendProblem(context, request, response, new Problem("method-not-allowed", `This address takes ${allow}.`, { headers: { allow } }));
    });
  }
}

/** The express application that serves every route. */
export function mount(context: RestContext, routes: readonly Route[], telemetry: Telemetry): Express {
  const { settings } = context.services;
  const app = express();
  app.disable("x-powered-by");
  app.disable("etag");
  app.set("query parser", "simple");
  app.enable("case sensitive routing");
  app.use(helmet({
    contentSecurityPolicy: { directives: { "default-src": ["'self'"], "style-src": ["'self'", "'unsafe-inline'"], "connect-src": ["'self'", "ws:", "wss:"], "upgrade-insecure-requests": null } },
    // Plain HTTP on a private network must keep working; a proxy that ends TLS sets its own.
    strictTransportSecurity: false,
  }));
  app.use(logging(context));
  app.use((request: Request, response: Response, next) => {
    const start = performance.now();
    response.set("x-request-id", traceOf(request));
    response.on("finish", () => telemetry.answered(routeOf(request), request.method, response.statusCode, (performance.now() - start) / 1000));
    next();
  });
  mountRoutes(app, context, routes);
  if (settings.public_dir !== undefined) app.use(webPage(settings.public_dir));
  app.use((request: Request, response: Response) => sendProblem(context, request, response, new Problem("not-found", "There is nothing at this address.")));
  // Express finds four parameters to be an error handler: a path that cannot be decoded ends here.
  app.use((error: unknown, request: Request, response: Response, _next: unknown) => sendProblem(context, request, response, error));
  return app;
}
