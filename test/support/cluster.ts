import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Answer, type As, callerOf, type CallOptions } from "./app.ts";
import { type Child, keysIn, killChildren, type Serving, type Settings, startEsdbProcess, startServing } from "./processes.ts";
import { startTestMongo } from "./mongodb.ts";

/** Processes of one installation over shared stores, which are processes too. */
export interface Cluster {
  /** The settings that every process of it has, roles aside. */
  readonly settings: Settings;
  readonly apis: readonly Serving[];
  readonly workers: Serving[];
  /** Starts one more process. */
  start(roles: string, settings?: Settings): Promise<Serving>;
  /** Calls one of the API processes. */
  call(at: number, method: string, path: string, options?: CallOptions): Promise<Answer>;
  /** The keys of the first accounts, as a process has written them. */
  keys(): Readonly<Record<As, string>>;
  close(): Promise<void>;
}

/** Stores for a cluster, and what ends them. */
export interface ClusterStores {
  readonly events: string;
  readonly readModels: string;
  close(): Promise<void>;
}

async function startStores(): Promise<ClusterStores> {
  const [esdb, mongo] = await Promise.all([startEsdbProcess(), startTestMongo({ several: true })]);
  return { events: esdb.url, readModels: mongo.database(), close: () => mongo.close() };
}

/** Starts as many processes of each role as wished, on stores that are given or started for them. */
export async function startCluster(counts: { apis: number; workers: number }, settings: Settings = {}, given?: ClusterStores): Promise<Cluster> {
  const folder = mkdtempSync(join(tmpdir(), "agenthub-cluster-"));
  const stores = given ?? await startStores();
  const shared = {
    AGENTHUB_EVENT_STORE: stores.events, AGENTHUB_READ_MODELS: stores.readModels, AGENTHUB_SECRET_KEY: "5e".repeat(32), AGENTHUB_LEASE_TIME: "3s",
    AGENTHUB_MONITOR_INTERVAL: "1s", AGENTHUB_MAINTENANCE_INTERVAL: "5s", AGENTHUB_ALLOWED_ENDPOINTS: "127.0.0.1", ...settings,
  };
  let number = 0;
  const place = (n: number) => join(folder, `process-${n}`);
  const start: Cluster["start"] = (roles, more = {}) => startServing({ ...shared, AGENTHUB_ROLES: roles, AGENTHUB_DATA_DIR: place(++number), ...more });
  const close = async () => {
    await killChildren();
    await stores.close();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const wanted = [...Array<string>(counts.workers).fill("worker"), ...Array<string>(counts.apis).fill("api")];
    // All have started or failed before anything is ended.
    const started = await Promise.allSettled(wanted.map((roles) => start(roles)));
    const serving = started.map((one) => { if (one.status === "rejected") throw one.reason; return one.value; });
    const [workers, apis] = [serving.slice(0, counts.workers), serving.slice(counts.workers)];
    const keys = () => keysIn(place(1));
    return { settings: shared, apis, workers, start, keys, close, call: (at, ...rest) => callerOf(apis[at]?.url ?? "", keys())(...rest) };
  } catch (error) {
    await close();
    throw error;
  }
}

/** What a process that had no reason to complain wrote as errors. */
export const complaints = ({ said }: Child): string[] => said.errors.split("\n").filter((line) => /"level":(50|60)|Error|Unhandled|Warning/.test(line));
