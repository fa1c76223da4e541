import { startProcess } from "./processes.ts";

interface Said {
  readonly url: string;
  readonly keys: { readonly admin_key: string; readonly publisher_key: string; readonly customer_key: string };
}

/** An AgentHub in a process of its own. */
export interface Hub extends Said {
  /** Registers an agent that lives at a URL, and answers an instance of it that runs. */
  instance(agentUrl: string): Promise<string>;
  stop(): Promise<void>;
}

/** How `npm start` and the image run Node; what is held against it is run so, too. */
export const served = ["--max-semi-space-size=64"];

/** Starts AgentHub on stores in a folder, with its defaults but for the limit of requests. A path asks for a CPU profile there. */
export async function startHub(folder: string, profile?: string): Promise<Hub> {
  const { said, stop } = await startProcess<Said>("agenthub", {
    env: { AGENTHUB_DATA_DIR: folder, PORT: "0", AGENTHUB_DOCKER: "off", AGENTHUB_ALLOWED_ENDPOINTS: "127.0.0.1", AGENTHUB_RATE_LIMIT: "1000000000" },
    flags: [...served, ...(profile === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${profile}`])],
  });
  const post = async (path: string, key: string, body: object): Promise<Record<string, string>> => {
    const response = await fetch(said.url + path, {
      method: "POST", headers: { "content-type": "application/json", authorization: `Bearer ${key}` }, body: JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${text}`);
    return JSON.parse(text) as Record<string, string>;
  };
  return {
    ...said, stop,
    async instance(agentUrl) {
      const metadata = { name: "instant", version: "1.0.0", endpoint_url: agentUrl, endpoints: [{ path: "/run" }], pricing: { type: "per_request", price: "0.01" } };
      const { agent_id = "" } = await post("/agents/register", said.keys.publisher_key, { metadata });
      const { instance_id = "", status } = await post("/marketplace/instances", said.keys.customer_key, { agent_id });
      if (status !== "running") throw new Error(`the instance is ${status}`);
      return instance_id;
    },
  };
}
