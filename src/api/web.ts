import { createHash } from "node:crypto";
import { globSync, readFileSync, statSync } from "node:fs";
import { createRequire, stripTypeScriptTypes } from "node:module";
import { dirname, join, resolve, sep } from "node:path";
import { type Request, type Response, Router } from "express";

type Files = ReadonlyMap<string, string>;

const year = 31_536_000;
const sha256 = (text: string) => createHash("sha256").update(text);

/** The libraries that the page imports by name, as they come from npm. */
function libraries(dir: string): Files {
  const { resolve: find } = createRequire(join(dir, "index.js"));
  const socket = dirname(find("socket.io-client/package.json"));
  return new Map([
    ["preact", find("preact")], ["preact/hooks", find("preact/hooks")], ["htm", join(dirname(find("htm")), "htm.module.js")],
    ["socket.io-client", join(socket, "dist", "socket.io.esm.min.js")],
  ]);
}

const tree = (root: string, prefix: string): [string, string][] =>
  globSync("**/*.ts", { cwd: root }).map((file): [string, string] => [`${prefix}/${file.split(sep).join("/")}`, join(root, file)]).toSorted(([a], [b]) => (a < b ? -1 : 1));

/** Removes types; Node's remark that its function is young is nothing that an operator should read. */
function withoutTypes(source: string): string {
  const own = Object.getOwnPropertyDescriptor(process, "emitWarning");
  process.emitWarning = () => {};
  try {
    return stripTypeScriptTypes(source);
  } finally {
    if (own !== undefined) Object.defineProperty(process, "emitWarning", own);
  }
}

class Assets {
  readonly #dir: string;
  readonly #libraries: Files;
  readonly #contents = new Map<string, { readonly mtime: number; readonly text: string }>();
  #files: Files = new Map();
  #version = "";

  constructor(dir: string) {
    this.#dir = resolve(dir);
    this.#libraries = libraries(this.#dir);
  }

  get version(): string {
    return this.#version;
  }

  /** Finds out what is there; its version changes with any file. */
  look(): void {
    // What declares types alone is nothing that a browser imports.
    const client = tree(join(this.#dir, "..", "src", "client"), "client").filter(([name]) => !/\/(schema|types)\.ts$/.test(name));
    const vendor = [...this.#libraries].map(([name, file]): [string, string] => [`vendor/${name}.js`, file]);
    this.#files = new Map([["style.css", join(this.#dir, "style.css")], ...vendor, ...tree(join(this.#dir, "src"), "app"), ...client]);
    const stamps = [...this.#files].map(([name, file]) => `${name} ${statSync(file).mtimeMs}`);
    this.#version = sha256(stamps.join("\n")).digest("hex").slice(0, 16);
  }

  /** A file as browsers read it. */
  text(name: string): string | null {
    const file = this.#files.get(name);
    if (file === undefined) return null;
    const mtime = statSync(file).mtimeMs;
    const kept = this.#contents.get(file);
    if (kept?.mtime === mtime) return kept.text;
    const source = readFileSync(file, "utf8");
    const text = file.endsWith(".ts") ? withoutTypes(source) : source;
    this.#contents.set(file, { mtime, text });
    return text;
  }

  /** The page with the addresses of this version, and the import map's hash for the content security policy. */
  page(): { readonly html: string; readonly hash: string } {
    const base = `/assets/${this.#version}`;
    const named = [...this.#libraries.keys()].map((name) => [name, `${base}/vendor/${name}.js`] as const);
    const map = JSON.stringify({ imports: { ...Object.fromEntries(named), "#client/": `${base}/client/` } });
    const preload = [...this.#files.keys()].filter((name) => !name.endsWith(".css")).map((name) => `<link rel="modulepreload" href="${base}/${name}">`);
    const head = [`<link rel="stylesheet" href="${base}/style.css">`, `<script type="importmap">${map}</script>`, ...preload, `<script type="module" src="${base}/app/main.ts"></script>`];
    return {
      html: readFileSync(join(this.#dir, "index.html"), "utf8").replace("<!-- assets -->", () => head.join("\n  ")),
      hash: sha256(map).digest("base64"),
    };
  }
}

const policy = (hash: string) => [
  "default-src 'none'", `script-src 'self' 'sha256-${hash}'`, "style-src 'self'", "img-src 'self' data:", "connect-src 'self'",
  "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
].join("; ");

/** Serves the dashboard of a folder as it lies there: its TypeScript without types, libraries from npm, nothing built beforehand. */
export function webPage(dir: string): Router {
  const assets = new Assets(dir);
  const router = Router({ caseSensitive: true });
  router.get("/", (_request: Request, response: Response) => {
    assets.look();
    const { html, hash } = assets.page();
    response.set({ "content-security-policy": policy(hash), "cache-control": "no-cache", "referrer-policy": "no-referrer" }).type("html").send(html);
  });
  router.get("/assets/:version/*path", (request: Request, response: Response, next) => {
    const { version, path } = request.params as unknown as { version: string; path: string[] };
    if (assets.version === "") assets.look();
    const text = assets.text(path.join("/"));
    if (text === null) {
      next();
      return;
    }
    // An address holds its version: what it names never changes. An older page's address gives the present file, which nobody keeps.
    response.set("cache-control", version === assets.version ? `public, max-age=${year}, immutable` : "no-store");
    response.type(path.at(-1)?.endsWith(".css") === true ? "css" : "text/javascript").send(text);
  });
  return router;
}
