import type { AgentProfile, AgentVersion } from "#domain/agent/agent.ts";
import type { Price } from "#domain/billing/price.ts";
import { Refusal } from "#domain/kernel/errors.ts";
import type { AgentSecrets } from "./container-spec.ts";
import type { AgentSubmission } from "./services.ts";

/** What a submission says, apart from what its image turned out to be. */
export interface Reading {
  readonly profile: AgentProfile;
  readonly price: Price;
  readonly secrets: AgentSecrets;
}

function present<T extends object>(fields: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as { [K in keyof T]: Exclude<T[K], undefined> };
}

/** The describing fields, the price and the secrets of a manifest. */
export function readSubmission({ manifest, credentials }: AgentSubmission): Reading {
  const { description, category, tags, runtime, author, license, capabilities, requirements, documentation_url, repository_url } = manifest;
  return {
    profile: present({ description, category, tags, runtime, author, license, capabilities, requirements, documentation_url, repository_url }) as AgentProfile,
    price: manifest.pricing, secrets: { env: manifest.docker?.env ?? {}, credentials: credentials ?? null },
  };
}

/** The image of a docker agent. */
export function imageOf({ docker_image, manifest }: AgentSubmission): string {
  const image = docker_image ?? manifest.docker?.image;
  if (image === undefined) throw new Refusal("invalid-manifest", "A docker agent needs an image: give docker_image, or docker.image in the manifest.");
  return image;
}

/** The base URL of a standard agent. */
export function endpointOf({ manifest }: AgentSubmission): string {
  const endpoint = manifest.endpoint ?? manifest.endpoint_url;
  if (endpoint === undefined) throw new Refusal("invalid-manifest", "A standard agent needs the URL where it is served: give endpoint in the manifest.");
  return endpoint;
}

/** JSON with sorted keys, so that equal content reads equal. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === "object" && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1))) : part);
}

function dockerOf(submission: AgentSubmission, digest: string): NonNullable<AgentVersion["docker"]> {
  const { port = 8000, env = {}, configurable_env = [], pull = "missing", stop_grace = 10 } = submission.manifest.docker ?? {};
  return { image: imageOf(submission), image_digest: digest, port, env_names: Object.keys(env).toSorted(), configurable_env, pull, stop_grace };
}

/** The version that a submission publishes; `digest` is what its image was found to be. */
export function releaseOf(agentId: string, submission: AgentSubmission, digest: string | null, reading: Reading, hash: (text: string) => string): AgentVersion {
  const { manifest, kind } = submission;
  const { env, credentials } = reading.secrets;
  const docker = digest === null ? undefined : dockerOf(submission, digest);
  const content = {
    version: manifest.version, type: kind, protocol: manifest.protocol, health_path: manifest.health.path,
    ...(docker === undefined ? { endpoint: endpointOf(submission) } : { docker }),
    endpoints: manifest.endpoints.map((entry) => present(entry)) as AgentVersion["endpoints"],
    max_instances: manifest.limits.max_instances, resources: { memory_bytes: manifest.resources.memory, cpu: manifest.resources.cpu },
  };
  const content_hash = hash(canonical([content, reading.profile, reading.price, reading.secrets]));
  const secret = Object.keys(env).length > 0 || credentials !== null;
  return { ...content, content_hash, ...(secret ? { secret_ref: secretRef(agentId, content_hash) } : {}) };
}

/** Where a version's secrets live: by their content, so that a refused submission overwrites nothing. */
export const secretRef = (agentId: string, contentHash: string): string => `${agentId}/${contentHash}`;
