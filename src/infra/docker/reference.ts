/** An image reference taken apart: `repository` keeps its registry, `version` is the tag or the digest. */
export type Reference = { readonly repository: string; readonly version: string };

/** Reads `registry:5000/name:tag`, `name@sha256:...`; a name alone means `latest`. */
export function parseReference(image: string): Reference {
  const at = image.indexOf("@");
  const named = at === -1 ? image : image.slice(0, at);
  const colon = named.lastIndexOf(":");
  const tagged = colon > named.lastIndexOf("/");
  const repository = tagged ? named.slice(0, colon) : named;
  if (at !== -1) return { repository, version: image.slice(at + 1) };
  // Without a tag an engine would pull every tag that there is.
  return { repository, version: tagged ? named.slice(colon + 1) : "latest" };
}

/** A repository as engines write it: Docker Hub and its `library` go without saying. */
export const familiar = (repository: string): string => repository.replace(/^(?:index\.)?docker\.io\//, "").replace(/^library\//, "");

/** The registry that serves a repository, as its credentials name it. */
export function registryOf(repository: string): string {
  const first = repository.split("/")[0] ?? "";
  const named = repository.includes("/") && (/[.:]/.test(first) || first === "localhost");
  return named && first !== "docker.io" ? first : "https://index.docker.io/v1/";
}
