import type { Manifest } from "#client/schema.ts";
import { CliError, exitCodes } from "./exit.ts";
import type { Io } from "./io.ts";
import { readObjectFile } from "./yaml-file.ts";

interface Problem { field: string; message: string }

const known = [
  "name", "version", "description", "category", "tags", "protocol", "endpoint", "endpoint_url", "endpoints", "health", "pricing", "limits",
  "resources", "docker", "runtime", "author", "license", "capabilities", "requirements", "documentation_url", "repository_url",
];

function common(a: string, b: string, from: "start" | "end"): number {
  const [left, right] = from === "start" ? [a, b] : [a.split("").reverse().join(""), b.split("").reverse().join("")];
  let count = 0;
  while (count < Math.min(left.length, right.length) && left[count] === right[count]) count++;
  return count;
}

// A slip leaves beginning and end of a word alone.
function nearest(name: string): string | undefined {
  const likeness = (other: string) => (common(name, other, "start") + common(name, other, "end")) / Math.max(name.length, other.length);
  const best = known.toSorted((a, b) => likeness(b) - likeness(a))[0];
  return best !== undefined && likeness(best) >= 0.6 ? best : undefined;
}

// YAML reads 1.0 and true as no text; said here, since the server would only see a number.
function textFields(manifest: Record<string, unknown>): Problem[] {
  const wrong = ["name", "version", "description", "category", "protocol", "endpoint"].filter((field) => manifest[field] !== undefined && typeof manifest[field] !== "string");
  return wrong.map((field) => ({ field, message: `must be text; put it in quotes: ${field}: "${String(manifest[field])}"` }));
}

/** What can be said of a manifest without asking the server, which checks all the rest. */
function manifestProblems(manifest: Record<string, unknown>, kind: "docker" | "standard" | "any"): Problem[] {
  const problems: Problem[] = [];
  for (const field of ["name", "version"]) if (manifest[field] === undefined) problems.push({ field, message: "is required" });
  problems.push(...textFields(manifest));
  for (const field of Object.keys(manifest).filter((name) => !known.includes(name))) {
    const guess = nearest(field);
    problems.push({ field, message: `is no field of a manifest${guess === undefined ? "" : `; did you mean ${guess}?`}` });
  }
  const endpoint = manifest["endpoint"] ?? manifest["endpoint_url"];
  if (kind === "standard" && endpoint === undefined) problems.push({ field: "endpoint", message: "is required: the address where you host the agent" });
  if (kind === "standard" && manifest["docker"] !== undefined) problems.push({ field: "docker", message: "belongs to Docker agents; use `agenthub register-docker-agent`" });
  return problems;
}

/** Reads agent.yaml; every problem is told by its field, all at once. */
export async function readManifest(io: Io, path: string, kind: "docker" | "standard" | "any"): Promise<Manifest> {
  const manifest = await readObjectFile(io, path, "`agenthub example-config` prints a manifest to start from.");
  const fields = manifestProblems(manifest, kind);
  if (fields.length === 0) return manifest as unknown as Manifest; // the server checks the rest
  throw new CliError(exitCodes.usage, `${path} is not a valid manifest`, { fields, hint: "`agenthub example-config` prints a valid one." });
}
