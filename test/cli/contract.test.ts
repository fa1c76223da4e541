import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { Option } from "commander";
import { settings } from "#app/config.ts";
import { AgentHubClient } from "#client/client.ts";
import { program } from "#cli/main.ts";
import { startTestApp, type TestApp } from "#test/support/app.ts";

let app: TestApp;
beforeAll(async () => { app = await startTestApp(); });
afterAll(() => app.close());

interface Operation { readonly parameters?: readonly { readonly name: string; readonly in: string }[] }
type Paths = Readonly<Record<string, Readonly<Record<string, Operation>>>>;

function operationOf(paths: Paths, method: string, path: string): Operation | undefined {
  const parts = path.split("/");
  const fits = (template: string) => template.split("/").length === parts.length && template.split("/").every((part, at) => part.startsWith("{") || part === parts[at]);
  const template = Object.keys(paths).filter(fits).toSorted((a, b) => a.split("{").length - b.split("{").length)[0] ?? "";
  return paths[template]?.[method.toLowerCase()];
}

test("every method of the client calls an operation that the API documents, with query parameters that it knows", async () => {
  const { body } = await app.call("GET", "/openapi.json");
  const paths = (body as { paths: Paths }).paths;
  const asked: { method: string; url: URL }[] = [];
  const client = new AgentHubClient({
    server: "http://stub",
    fetch: (input, init) => {
      asked.push({ method: init?.method ?? "GET", url: new URL(input as string) });
      return Promise.resolve(Response.json({}));
    },
  });
  const page = { limit: 1, cursor: "c" };
  const instance = "instance-1";
  const metadata = { name: "a", version: "1" };
  await client.registerAgent(metadata);
  await client.registerDockerAgent("a/b:1", metadata);
  await client.listAgents(page);
  await client.getAgent("agent-1");
  await client.updateAgent("agent-1", {});
  await client.publishVersion("agent-1", { metadata });
  await client.deregisterAgent("agent-1");
  await client.publisherRevenue();
  await client.discoverAgents({ ...page, category: "a", q: "b", tag: "c", protocol: "http", type: "docker", pricing_type: "hybrid", sort: "price", available: true });
  await client.getMarketplaceAgent("agent-1");
  await client.createInstance("agent-1");
  await client.listInstances({ ...page, status: "running", agent_id: "agent-1", include: "terminated" });
  await client.getInstance(instance);
  await client.pauseInstance(instance);
  await client.resumeInstance(instance);
  await client.terminateInstance(instance);
  await client.executeTask(instance, { endpoint: "/a" });
  await client.instanceEvents(instance, page);
  await client.instanceMetrics(instance, { from: "a", to: "b", limit: 1 });
  await client.instanceUsage(instance, { month: "2026-01" });
  await client.instanceTasks(instance, page);
  await client.getTask("task-1");
  await client.cancelTask("task-1");
  await client.dashboard();
  await client.recordUsage({ specversion: "1.0", id: "1", source: "a", type: "b", time: "c", data: { meter: "requests", quantity: 1 } });
  await client.billingSummary();
  await client.monthSummary("2026-01");
  await client.billingHistory(page);
  await client.instanceBilling(instance);
  await client.audit({ account: "a", instance: "b", period: "c", as_of: "d" });
  await client.createAccount({ name: "a", roles: [] });
  await client.listAccounts(page);
  await client.ownAccount();
  await client.listAlerts();
  await client.listEngines();
  await client.listProjections();
  await client.rebuildProjection("agents");
  await client.switchProjection("agents");
  await client.dropPreviousProjection("agents");
  await client.listParked({ limit: 1 });
  await client.replayParked();
  await client.backup();
  await client.listApiKeys();
  await client.createApiKey({});
  await client.revokeApiKey("key-1");
  await client.ready();
  await client.alive();
  await client.openapi();
  for await (const _line of client.logs(instance, { tail: 1, follow: true, since: "a" })) expect(_line).toBeDefined();

  const methods = Object.entries(client).filter(([name, value]) => typeof value === "function" && name !== "transport");
  expect(asked).toHaveLength(methods.length + 1); // logs is a generator, on the prototype
  for (const { method, url } of asked) {
    const operation = operationOf(paths, method, url.pathname);
    expect({ method, path: url.pathname, documented: operation !== undefined }).toEqual({ method, path: url.pathname, documented: true });
    const known = operation?.parameters?.filter((parameter) => parameter.in === "query").map(({ name }) => name) ?? [];
    for (const name of url.searchParams.keys()) expect({ path: url.pathname, query: known }).toEqual({ path: url.pathname, query: expect.arrayContaining([name]) });
  }
});

test("serve has a flag for every setting of the application, and for nothing else", () => {
  const io = {
    env: {}, cwd: ".", home: ".", signal: new AbortController().signal, terminal: { input: false, output: false, errors: false, columns: 100 },
    write: () => undefined, writeError: () => undefined, readInput: () => Promise.resolve(""), ask: () => Promise.resolve(""),
  };
  const serve = program(io).program.commands.find((command) => command.name() === "serve");
  const named = serve?.options.filter((option) => option instanceof Option).map((option) => /\[(\w+)\]$/.exec(option.description)?.[1]);
  expect(named?.toSorted()).toEqual(Object.keys(settings.shape).toSorted());
});
