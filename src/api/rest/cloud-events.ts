import type { IncomingHttpHeaders } from "node:http";
import { Problem } from "./problem-details.ts";

/** A line that is no JSON: what is wrong with it concerns it alone. */
export class MalformedLine {
  readonly line: number;

  constructor(line: number) {
    this.line = line;
  }
}

function headerText(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

/** An event of which the attributes are headers and the body is the data (binary content mode); undefined where no header tells so. */
export function binaryEvent(headers: IncomingHttpHeaders, data: unknown): object | undefined {
  const attributes = Object.entries(headers).filter(([name]) => name.startsWith("ce-"));
  if (!attributes.some(([name]) => name === "ce-specversion" || name === "ce-id")) return undefined;
  return { ...Object.fromEntries(attributes.map(([name, value]) => [name.slice(3), headerText(String(value))])), ...(data === undefined ? {} : { data }) };
}

function decoded(base64: unknown): unknown {
  const wrong = new Problem("validation-failed", "data_base64: must be JSON in Base64.", { errors: [{ field: "data_base64", message: "must be JSON in Base64" }] });
  if (typeof base64 !== "string" || !/^[A-Za-z0-9+/]*={0,2}$/.test(base64)) throw wrong;
  try {
    return JSON.parse(Buffer.from(base64, "base64").toString("utf8")) as unknown;
  } catch {
    throw wrong;
  }
}

/** An event in one form: attributes that are null are not there, and data in Base64 is data. */
export function plainEvent(item: unknown): unknown {
  if (item instanceof MalformedLine) throw new Problem("malformed-json", `Line ${item.line} is not valid JSON.`);
  if (typeof item !== "object" || item === null || Array.isArray(item)) return item;
  const { data_base64, ...event } = Object.fromEntries(Object.entries(item).filter(([, value]) => value !== null));
  if (data_base64 === undefined) return event;
  if (event["data"] !== undefined) throw new Problem("validation-failed", "data_base64: give data or data_base64, not both.", { errors: [{ field: "data_base64", message: "give data or data_base64, not both" }] });
  return { ...event, data: decoded(data_base64) };
}
