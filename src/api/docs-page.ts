import { curl } from "./docs-examples.ts";
import { html, prose, style } from "./docs-html.ts";
import { fields, kind, type Schema } from "./docs-schema.ts";
import { problems } from "./rest/problems.ts";
import { remedies } from "./rest/remedies.ts";

type Content = Readonly<Record<string, { readonly schema: Schema }>>;

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly description?: string;
  readonly schema?: Schema;
}

interface Operation {
  readonly operationId: string;
  readonly summary?: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly security?: readonly unknown[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly description?: string; readonly content?: Content }>>;
}

interface Document {
  readonly info: { readonly title: string; readonly version: string; readonly description?: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

const pre = (text: string): string => `<pre tabindex="0"><code>${html(text)}</code></pre>`;
const table = (head: readonly string[], rows: readonly string[]): string =>
  `<div class="wide" tabindex="0"><table><thead><tr>${head.map((cell) => `<th scope="col">${cell}</th>`).join("")}</tr></thead><tbody>${rows.join("")}</tbody></table></div>`;

const start = `export AGENTHUB_SERVER=http://localhost:8080
export AGENTHUB_API_KEY=ah_...
curl "$AGENTHUB_SERVER/marketplace/agents?limit=5" -H "Authorization: Bearer $AGENTHUB_API_KEY"`;

const rules: readonly (readonly [string, string])[] = [
  ["Keys", "Send `Authorization: Bearer <key>`. An operator opens accounts at `POST /admin/accounts`; `POST /api-keys` issues further keys. What belongs to others answers like what never was: 404."],
  ["Repeating", "A `POST` with an `Idempotency-Key` may be sent again, for ever: it is done once, and answers what the first one did with `Idempotent-Replayed: true`."],
  ["Waiting", "Commands wait for their outcome. `Prefer: wait=5` waits 5 seconds, `Prefer: respond-async` not at all; what is not done then answers 202 with `Location`."],
  ["Reading your writes", "Every write answers an `AgentHub-Cursor`. A key always reads what it wrote; send the cursor as `AgentHub-Min-Cursor` to read it with another key."],
  ["Lists", "Take `limit` (1 to 100) and `cursor`; `next_cursor` is null on the last page."],
  ["Money", "Amounts are exact decimals; `24.50` means 24.50. In requests they may be numbers or text, with at most 12 places."],
  ["Limits", "`RateLimit-Limit`, `RateLimit-Remaining` and `RateLimit-Reset` tell what is left of this minute; 429 and 503 answer `Retry-After`."],
  ["Errors", "Are `application/problem+json` (RFC 9457). Decide by `type`, show `detail`, read `errors` field by field, and give the operator the `trace_id`."],
  ["Live", "`/live` speaks Socket.IO: `io(server + \"/live\", { auth: { token: key } })`, then `emit(\"subscribe\", { topics: [\"instances\"] })`."],
];

function parameters({ parameters: all = [] }: Operation): string {
  if (all.length === 0) return "";
  return `<h3>Parameters</h3>${table(["Name", "In", "Kind", "Meaning"], all.map(({ name, in: place, required, description, schema }) =>
    `<tr><td><code>${html(name)}</code></td><td>${html(place)}${required === true ? ", required" : ""}</td><td>${kind(schema ?? {})}</td><td>${prose(description ?? "")}</td></tr>`))}`;
}

function body({ requestBody }: Operation): string {
  const types = Object.entries(requestBody?.content ?? {});
  const schema = types[0]?.[1].schema;
  return schema === undefined ? "" : `<h3>Body</h3><p class="quiet">${types.map(([type]) => `<code>${html(type)}</code>`).join(" ")}</p>${fields(schema, true)}`;
}

function answers({ responses }: Operation): string {
  return Object.entries(responses).filter(([status]) => status !== "default").map(([status, { description, content = {} }]) => {
    const types = Object.entries(content);
    const schema = content["application/json"]?.schema;
    return `<h3>Answer ${html(status)}</h3><p class="quiet">${html(description ?? "")}, ${types.map(([type]) => `<code>${html(type)}</code>`).join(" ")}</p>${schema === undefined ? "" : fields(schema)}`;
  }).join("");
}

function operation(path: string, method: string, it: Operation): string {
  const example = curl(method, path, { needsKey: it.security === undefined, takesBody: it.requestBody !== undefined });
  return `<details id="${html(it.operationId)}"><summary><span class="method ${method}">${method.toUpperCase()}</span><code>${html(path)}</code><span class="quiet">${html(it.summary ?? "")}</span></summary>
<div class="body"><p class="quiet">${prose(it.description ?? (it.security === undefined ? "For every key." : "Needs no key."))}</p>${pre(example)}${parameters(it)}${body(it)}${answers(it)}</div></details>`;
}

const section = (id: string, title: string, content: string): string => `<section aria-labelledby="${html(id)}"><h2 id="${html(id)}">${html(title)}</h2>${content}</section>`;

/** The interface as one page that needs nothing from elsewhere. */
export function docsPage(description: object): string {
  const { info, paths, components } = description as Document;
  const operations = Object.entries(paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, it]) => ({ path, method, it, tag: it.tags?.[0] ?? "other" })));
  const groups = [...Map.groupBy(operations, ({ tag }) => tag)];
  const schemas = Object.entries(components.schemas).map(([name, schema]) => `<article id="schema-${html(name)}"><h3>${html(name)}</h3>${fields(schema)}</article>`);
  const types = Object.entries(problems).map(([code, [status, title]]) =>
    `<tr><td>${status}</td><td><a href="/problems/${html(code)}"><code>${html(code)}</code></a></td><td>${html(title)}</td><td>${prose(remedies[code as keyof typeof remedies])}</td></tr>`);
  const links = [["start", "Start"], ...groups.map(([tag]) => [`tag-${tag}`, tag]), ["schemas", "Schemas"], ["problems", "Problem types"]] as const;
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<link rel="icon" href="data:,"><title>${html(info.title)} ${html(info.version)}</title><style>${style}</style></head><body><div class="page"><nav aria-label="Contents"><ul>
${links.map(([id, text]) => `<li><a href="#${html(id ?? "")}">${html(text ?? "")}</a></li>`).join("")}</ul></nav><main><h1>${html(info.title)} ${html(info.version)}</h1>
<p>${prose(info.description ?? "")} Machines read <a href="/openapi.json">openapi.json</a> and <a href="/asyncapi.json">asyncapi.json</a>.</p>
${section("start", "Start", `${pre(start)}${table(["", "How it works"], rules.map(([name, text]) => `<tr><th scope="row">${name}</th><td>${prose(text)}</td></tr>`))}`)}
${groups.map(([tag, all]) => section(`tag-${tag}`, tag, all.map(({ path, method, it }) => operation(path, method, it)).join(""))).join("")}
${section("schemas", "Schemas", schemas.join(""))}${section("problems", "Problem types", table(["Status", "Type", "Title", "What to do"], types))}</main></div></body></html>`;
}
