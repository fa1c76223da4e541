import type { IncomingMessage, ServerResponse } from "node:http";
import { raw } from "express";
import { load as loadYaml } from "js-yaml";
import { binaryEvent, MalformedLine } from "./cloud-events.ts";
import type { Route } from "./route.ts";
import { Problem } from "./problem-details.ts";
import { assertPlain } from "./untrusted.ts";

const kilobyte = 1024;
const yamlTypes = new Set(["application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml"]);
const usageTypes = new Set(["application/json", "application/cloudevents+json", "application/cloudevents-batch+json", "application/x-ndjson", "application/ndjson", "application/jsonl"]);
const isLines = (type: string): boolean => /ndjson$|jsonl$/.test(type);

function mediaType({ headers }: IncomingMessage): string {
  const told = headers["content-type"] ?? "";
  if (told === "application/json") return told;
  const [type = "", ...parameters] = told.toLowerCase().split(";").map((part) => part.trim());
  const charset = parameters.find((parameter) => parameter.startsWith("charset="))?.slice(8).replaceAll('"', "");
  if (charset !== undefined && charset !== "utf-8" && charset !== "utf8" && charset !== "us-ascii")
    throw new Problem("unsupported-media-type", "Send the body in UTF-8.");
  return type;
}

const jsonTypes = new Set(["application/json"]);
const manifestTypes = new Set([...jsonTypes, ...yamlTypes]);

function acceptedTypes({ bodyKind }: Route): ReadonlySet<string> {
  return bodyKind === "usage" ? usageTypes : bodyKind === "manifest" ? manifestTypes : jsonTypes;
}

// What says how long it is and is not compressed needs no parser that is made for it; whatever is left over ends with its connection.
function readPlain(request: IncomingMessage, length: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const gone = (): void => reject(new Problem("malformed-request", "The body ended before its length."));
    if (request.destroyed) return gone();
    request.on("data", (chunk: Buffer) => { chunks.push(chunk); });
    request.once("end", () => {
      request.off("close", gone);
      resolve(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, length));
    });
    request.once("error", gone);
    request.once("close", gone);
  });
}

function readRaw(request: IncomingMessage, response: ServerResponse, limit: number): Promise<Buffer> {
  const length = Number(request.headers["content-length"]);
  if (length <= limit && request.headers["content-encoding"] === undefined && request.headers["transfer-encoding"] === undefined) return readPlain(request, length);
  const read = raw({ type: () => true, limit });
  return new Promise((resolve, reject) => {
    read(request, response, (error?: unknown) => {
      if (error !== undefined && error !== null) reject(error instanceof Error ? error : new Error("the body cannot be read"));
      else resolve("body" in request && Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0));
    });
  });
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

function text(bytes: Buffer): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new Problem("malformed-json", "The body is not UTF-8.");
  }
}

function parseJson(source: string): unknown {
  try {
    return JSON.parse(source);
  } catch {
    throw new Problem("malformed-json", "The body is not valid JSON.");
  }
}

function parseYaml(source: string): unknown {
  try {
    return loadYaml(source, { maxDepth: 32, maxAliases: 0 });
  } catch (error) {
    const reason = error instanceof Error ? error.message.split("\n")[0] : "it cannot be read";
    throw new Problem("invalid-manifest", `The manifest is not YAML that this server reads: ${String(reason).slice(0, 200)}`);
  }
}

/** Every line for itself: one that is no JSON does not spoil the others. */
function lines(source: string): unknown[] {
  const parsed = source.split("\n").flatMap((line, index): unknown[] => {
    if (line.trim() === "") return [];
    try {
      return [JSON.parse(line)];
    } catch {
      return [new MalformedLine(index + 1)];
    }
  });
  if (parsed.length > 0 && parsed.every((item) => item instanceof MalformedLine)) throw new Problem("malformed-json", "No line of the body is valid JSON.");
  return parsed;
}

function parse(type: string, source: string): unknown {
  if (yamlTypes.has(type)) return { metadata: parseYaml(source) };
  return isLines(type) ? lines(source) : parseJson(source);
}

const isEmpty = ({ headers }: IncomingMessage): boolean => headers["content-length"] === "0" || (headers["content-length"] === undefined && headers["transfer-encoding"] === undefined);

/** Reads and parses a request's body; undefined when there is none. */
export async function readBody(route: Route, request: IncomingMessage, response: ServerResponse): Promise<unknown> {
  if (isEmpty(request)) return undefined;
  const type = mediaType(request);
  const accepted = acceptedTypes(route);
  if (!accepted.has(type)) throw new Problem("unsupported-media-type", `Send the body as ${[...accepted].join(", ")}.`, { headers: { accept: [...accepted].join(", ") } });
  const bytes = await readRaw(request, response, yamlTypes.has(type) ? 64 * kilobyte : route.maxBytes ?? 100 * kilobyte);
  if (bytes.length === 0) return undefined;
  const value = parse(type, text(bytes));
  assertPlain(value);
  return route.bodyKind === "usage" && type === "application/json" ? binaryEvent(request.headers, value) ?? value : value;
}
