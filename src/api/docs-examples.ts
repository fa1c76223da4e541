const manifest = { name: "analyst", version: "1.0.0", description: "Analyses data", category: "data-analysis", pricing: { type: "per_request", price: "0.01", currency: "USD" }, limits: { max_instances: 10 } };

/** Bodies of requests that work when they are pasted, by operation. */
const bodies: Readonly<Record<string, unknown>> = {
  "POST /agents/register": { metadata: { ...manifest, name: "remote-analyst", endpoint: "https://agents.example.com/analyst" } },
  "POST /agents/register-docker": { docker_image: "myrepo/my-agent:v1.0", metadata: { ...manifest, protocol: "acp", docker: { port: 8000, configurable_env: ["MODEL"] } }, registry_credentials: { username: "myuser", password: "mypass" } },
  "PATCH /agents/{id}": { description: "Analyses data, faster", pricing: { type: "per_request", price: "0.02", currency: "USD" } },
  "POST /agents/{id}/versions": { docker_image: "myrepo/my-agent:v1.1", metadata: { ...manifest, version: "1.1.0" } },
  "POST /marketplace/instances": { agent_id: "$AGENT_ID", instance_config: { memory_limit: "512M", cpu_limit: "0.5" } },
  "POST /marketplace/instances/{id}/execute": { endpoint: "/process", parameters: { input: "data to process" }, timeout: 30 },
  "POST /usage/events": { specversion: "1.0", id: "report-1", source: "/my-agent", type: "usage", time: "$(date -u +%Y-%m-%dT%H:%M:%SZ)", data: { instance_id: "$INSTANCE_ID", meter: "requests", quantity: 3 } },
  "POST /admin/accounts": { name: "Ada", roles: ["customer"], currency: "USD" },
  "POST /api-keys": { label: "laptop" },
};

const queries: Readonly<Record<string, string>> = {
  "GET /marketplace/agents": "?category=utility&limit=5", "GET /marketplace/instances": "?status=running", "GET /marketplace/instances/{id}/logs": "?tail=50",
  "GET /billing/summary": "?month=2026-01",
};

function variable(path: string, name: string): string {
  if (name !== "id") return name === "slug" ? "agent-not-found" : "instances";
  const kind = ["tasks", "api-keys", "accounts"].find((part) => path.includes(`/${part}/{`)) ?? (path.includes("agents/{") ? "agents" : "instances");
  return `$${kind.slice(0, -1).replace("-", "_").toUpperCase()}_ID`;
}

/** A body; one that the shell fills in comes as a here-document. */
function data(body: unknown): string {
  const text = JSON.stringify(body, null, 2);
  return text.includes("$") ? `-d @- <<END\n${text}\nEND` : `-d '${text}'`;
}

/** How an operation is called from a shell. */
export function curl(method: string, path: string, { needsKey, takesBody }: { needsKey: boolean; takesBody: boolean }): string {
  const name = `${method.toUpperCase()} ${path}`;
  const address = path.replaceAll(/\{(\w+)\}/g, (_whole, parameter: string) => variable(path, parameter));
  const body = bodies[name];
  const lines = [
    `curl ${method === "get" ? "" : `-X ${method.toUpperCase()} `}"$AGENTHUB_SERVER${address}${queries[name] ?? ""}"`,
    ...(needsKey ? ['-H "Authorization: Bearer $AGENTHUB_API_KEY"'] : []),
    ...(takesBody && body !== undefined ? ['-H "Content-Type: application/json"', data(body)] : []),
  ];
  return lines.join(" \\\n  ");
}
