import { AgentFailure } from "./failure.ts";

const deepest = 200;

// What is nested without end parses, and then breaks whoever walks or writes it again.
function tooDeep(text: string): boolean {
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (quoted) {
      if (char === 0x5c) at++;
      else if (char === 0x22) quoted = false;
    } else if (char === 0x22) quoted = true;
    else if (char === 0x7b || char === 0x5b) {
      if (++depth > deepest) return true;
    } else if (char === 0x7d || char === 0x5d) depth--;
  }
  return false;
}

/** A JSON value of an agent; throws agent-protocol-error. */
export function parseJson(text: string): unknown {
  if (tooDeep(text)) throw new AgentFailure("agent-protocol-error", "the agent's JSON is nested too deeply");
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new AgentFailure("agent-protocol-error", "the agent's answer is not valid JSON");
  }
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

function decode(body: Buffer, charset?: string): string {
  try {
    return (charset === undefined ? utf8 : new TextDecoder(charset, { fatal: true })).decode(body);
  } catch {
    throw new AgentFailure("agent-protocol-error", "the agent's answer is not valid text");
  }
}

/** The value of a body by its content type; an empty one is null. */
export function parseBody(body: Buffer, contentType: string): unknown {
  if (body.length === 0) return null;
  const [type = "", ...options] = contentType.split(";").map((part) => part.trim());
  if (/^application\/(?:[a-z0-9.+-]+\+)?json$/i.test(type)) return parseJson(decode(body));
  if (!/^text\/[a-z0-9.+-]+$/i.test(type)) throw new AgentFailure("agent-protocol-error", "the agent's answer is neither JSON nor text");
  const charset = options.map((option) => /^charset="?([^"]{1,40})"?$/i.exec(option)?.[1]).find(Boolean);
  return decode(body, charset);
}

/** What an agent says of its failure, if it can be understood; an agent that fails owes nobody good manners. */
export function parseComplaint(body: Buffer, contentType: string): unknown {
  if (body.length === 0) return undefined;
  try {
    return parseBody(body, contentType);
  } catch {
    return undefined;
  }
}
