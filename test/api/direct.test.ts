import { describe, expect, it } from "@jest/globals";
import { directRoutes } from "#api/rest/direct.ts";

const handler = (): void => undefined;
const at = (path: string, ...methods: string[]) => ({ path, handlers: new Map(methods.map((method) => [method, handler])) });
const find = directRoutes([at("/agents/register", "POST"), at("/agents/{id}", "GET", "DELETE"), at("/agents/{id}/usage", "POST")]);

describe("the endpoint of a plainly written address", () => {
  it("is found with its parameters, and its query left aside", () => {
    expect(find("GET", "/agents/agent-1?limit=2")).toMatchObject({ path: "/agents/{id}", params: { id: "agent-1" } });
    expect(find("POST", "/agents/agent-1/usage")).toMatchObject({ path: "/agents/{id}/usage", params: { id: "agent-1" } });
  });

  it("answers for itself before a path that would take it for a parameter", () => {
    expect(find("POST", "/agents/register")).toMatchObject({ path: "/agents/register", params: {} });
    expect(find("GET", "/agents/register")).toBeNull();
  });

  it.each(["/agents/", "/agents//usage", "/agents/%61", "/Agents/agent-1", "//agents/agent-1", "http://host/agents/agent-1", "/agents/a b", "*", "/nothing/here"])(
    "leaves %s to express", (url) => { expect(find("GET", url)).toBeNull(); });

  it("leaves methods to express that the path does not take", () => {
    expect(find("PUT", "/agents/agent-1")).toBeNull();
    expect(find("HEAD", "/agents/agent-1")).toBeNull();
  });
});
