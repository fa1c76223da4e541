import { Problem } from "./problem-details.ts";

const deepest = 64;

/** Refuses names that could reach an object's prototype, and nesting that only an attack needs. Never recurses. */
export function assertPlain(value: unknown): void {
  const stack: { value: unknown; path: string; depth: number }[] = [{ value, path: "", depth: 0 }];
  for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
    if (typeof at.value !== "object" || at.value === null) continue;
    const refuse = (field: string, message: string): never => {
      throw new Problem("validation-failed", "The body holds what no request needs.", { errors: [{ field, message }] });
    };
    if (at.depth >= deepest) refuse(at.path, `is nested deeper than ${deepest} levels`);
    for (const [name, inner] of Object.entries(at.value)) {
      const path = at.path === "" ? name : `${at.path}.${name}`;
      if (name === "__proto__" || (name === "constructor" && typeof inner === "object" && inner !== null)) refuse(path, "is not a field");
      stack.push({ value: inner, path, depth: at.depth + 1 });
    }
  }
}

/** JSON with sorted names: the same request gives the same text. Only for what passed `assertPlain`. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const members = Object.entries(value).filter(([, inner]) => inner !== undefined).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, inner]) => `${JSON.stringify(name)}:${canonical(inner)}`).join(",")}}`;
}
