/** Which part of the source may know which other, as dependency-cruiser's rules. */

const from = (path, pathNot) => ({ path, ...(pathNot && { pathNot }) });
const rule = (name, comment, source, to) => ({ name, comment, severity: "error", from: source, to });

// A part sees its own files and those listed; everything else under src is out of its reach.
const only = (part, comment, ...seen) =>
  rule(`${part}-sees-only-its-left`, comment, from(`^src/${part}/`), {
    path: "^src/",
    pathNot: [`^src/${part}/`, ...seen],
  });

const ports = "^src/(commands|projections|reactions)/ports\\.ts$";
const inside = (name, folder) =>
  rule(`${name}-stays-inside`, `${name} is used behind its adapter alone`, from("^src/", folder), {
    path: `(^|/)node_modules/${name}/`,
  });

export const ruleSet = {
  forbidden: [
    only("domain", "what can happen depends on nothing"),
    only("commands", "decisions know the domain, and others by their ports", "^src/domain/", ports),
    only("projections", "read models call nothing", "^src/domain/", ports),
    only("reactions", "reactions call commands and ask read models", "^src/(domain|commands|projections)/"),
    only("infra", "adapters know what they adapt to, never who uses them", "^src/(domain|commands|projections|reactions)/"),
    only("api", "the API reaches the outside through ports", "^src/(domain|commands|projections|reactions)/"),
    only("client", "the client knows the published interface alone"),
    only("cli", "the CLI talks to the REST API only", "^src/client/", "^src/app/"),
    rule("cli-loads-app-on-demand", "only `serve` and an embedded server need the application", from("^src/cli/"), {
      path: "^src/app/",
      dynamic: false,
    }),
    rule("domain-needs-zod-alone", "the domain is pure", from("^src/domain/"), {
      path: "(^|/)node_modules/",
      pathNot: "(^|/)node_modules/zod/",
    }),
    rule("pure-code-has-no-io", "decisions and folds must replay", from("^src/(domain/|projections/(?!runner)|commands/.+/)"), {
      dependencyTypes: ["core"],
    }),
    inside("inversify", "^src/app/"),
    inside("@eventstore/db-client", "^src/infra/eventstoredb/"),
    inside("mongodb", "^src/infra/mongodb/"),
    inside("dockerode", "^src/infra/docker/"),
    inside("express", "^src/(api|app)/"),
    inside("socket\\.io", "^src/(api|app)/"),
    inside("commander", "^src/cli/"),
    rule("source-needs-no-tests", "what ships must not need what does not", from("^src/"), { path: "^(test|bench|scripts)/" }),
    rule("source-needs-no-dev-packages", "they are absent from an installed package", from("^src/"), {
      dependencyTypes: ["npm-dev"],
      dependencyTypesNot: ["npm", "npm-optional", "type-only"],
    }),
    rule("no-cycles", "a cycle has no bottom to start reading from", from("^(src|test)/"), { circular: true }),
    rule("everything-resolves", "a path that leads nowhere hides from every other rule", from("^(src|test)/"), {
      couldNotResolve: true,
    }),
  ],
};

export const options = {
  tsPreCompilationDeps: true,
  doNotFollow: { path: "(^|/)node_modules/" },
  enhancedResolveOptions: {
    extensions: [".ts", ".mjs", ".js", ".json"],
    conditionNames: ["import", "node", "types", "default"],
    exportsFields: ["exports"],
  },
};
