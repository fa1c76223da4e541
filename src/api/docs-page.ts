interface Operation {
  readonly summary?: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly required?: boolean; readonly description?: string }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: unknown }>> };
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, { readonly schema: unknown }>> }>>;
}

interface Document {
  readonly info: { readonly title: string; readonly version: string; readonly description?: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, unknown>> };
}

const escapes: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
const html = (text: string): string => text.replaceAll(/[&<>"]/g, (character) => escapes[character] ?? "");
const json = (value: unknown): string => `<pre>${html(JSON.stringify(value, null, 2))}</pre>`;

function parameters(operation: Operation): string {
  const rows = (operation.parameters ?? []).map((parameter) =>
    `<tr><td><code>${html(parameter.name)}</code></td><td>${html(parameter.in)}${parameter.required === true ? ", required" : ""}</td><td>${html(parameter.description ?? "")}</td></tr>`);
  return rows.length === 0 ? "" : `<table>${rows.join("")}</table>`;
}

function bodies(title: string, content: Readonly<Record<string, { readonly schema: unknown }>> | undefined): string {
  return Object.entries(content ?? {}).map(([type, { schema }]) => `<h4>${html(title)} <code>${html(type)}</code></h4>${json(schema)}`).join("");
}

function operation(path: string, method: string, it: Operation): string {
  const answers = Object.entries(it.responses).map(([status, response]) => bodies(`Answer ${status}`, response.content)).join("");
  return `<details><summary><b class="${method}">${method.toUpperCase()}</b> <code>${html(path)}</code> ${html(it.summary ?? "")}</summary>
<p>${html(it.description ?? "")}</p>${parameters(it)}${bodies("Body", it.requestBody?.content)}${answers}</details>`;
}

const style = `body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1c2430;background:#fff}
h1{margin-bottom:0}summary{cursor:pointer;padding:.3rem 0}b{display:inline-block;min-width:4.2rem}b.get{color:#0a6}b.post{color:#06c}b.patch{color:#a60}b.delete{color:#b22}
pre{background:#f4f6f8;padding:.7rem;overflow:auto;max-height:24rem;font-size:12px}table{border-collapse:collapse}td{padding:.15rem .8rem .15rem 0;vertical-align:top}
@media(prefers-color-scheme:dark){body{color:#dde3ea;background:#14181d}pre{background:#1e242b}}`;

/** The interface as one page that needs nothing from elsewhere. */
export function docsPage(description: object): string {
  const { info, paths, components } = description as Document;
  const operations = Object.entries(paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, it]) => ({ path, method, it, tag: it.tags?.[0] ?? "" })));
  const sections = [...Map.groupBy(operations, ({ tag }) => tag)].map(([tag, all]) =>
    `<h2>${html(tag)}</h2>${all.map(({ path, method, it }) => operation(path, method, it)).join("")}`);
  const schemas = Object.entries(components.schemas).map(([name, schema]) => `<details><summary><code>${html(name)}</code></summary>${json(schema)}</details>`);
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>${html(info.title)} ${html(info.version)}</title><style>${style}</style></head><body><h1>${html(info.title)} ${html(info.version)}</h1>
<p>${html(info.description ?? "")} Machines read <a href="/openapi.json">openapi.json</a> and <a href="/asyncapi.json">asyncapi.json</a>.</p>
${sections.join("")}<h2>Schemas</h2>${schemas.join("")}</body></html>`;
}
