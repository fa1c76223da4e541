import { z } from "zod";
import { docsPage } from "../docs-page.ts";
import { problemTypeOut } from "./operation-outputs.ts";
import { anyObject } from "./outputs.ts";
import { Problem } from "./problem-details.ts";
import { isProblemCode, problems } from "./problems.ts";
import { remedies } from "./remedies.ts";
import { type Route, route } from "./route.ts";

/** The descriptions of the interface, made from the routes that they describe. */
export const docsRoutes = (documents: { openapi(): object; asyncapi(): object }): Route[] => [
  route({
    method: "get", path: "/openapi.json", tag: "docs", summary: "This interface as OpenAPI 3.1", roles: "public", responses: { 200: anyObject },
    handler: () => ({ body: documents.openapi() }),
  }),
  route({
    method: "get", path: "/asyncapi.json", tag: "docs", summary: "The live feed as AsyncAPI 3", roles: "public", responses: { 200: anyObject },
    handler: () => ({ body: documents.asyncapi() }),
  }),
  route({
    method: "get", path: "/docs", tag: "docs", summary: "This interface for people", roles: "public", produces: ["text/html"], responses: { 200: z.string() },
    handler: () => ({ type: "text/html; charset=utf-8", body: docsPage(documents.openapi()) }),
  }),
  route({
    method: "get", path: "/problems/{slug}", tag: "docs", summary: "What a problem type means", roles: "public", params: { slug: "text" }, responses: { 200: problemTypeOut },
    handler({ params }) {
      const slug = params["slug"] ?? "";
      if (!isProblemCode(slug)) throw new Problem("not-found", "There is no such problem type.");
      const [status, title] = problems[slug];
      return { body: { type: `/problems/${slug}`, title, status, remedy: remedies[slug] } };
    },
  }),
];
