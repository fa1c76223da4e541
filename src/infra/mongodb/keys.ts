// Servers before 5.0 refuse keys that start with "$" or hold a ".", and the driver takes {$ref, $id} for a pointer.
const special = /[%$.\0]/;
const specials = /[%$.\0]/g;

/** A value whose object keys any MongoDB server can store. */
export function encodeKeys(value: unknown): unknown {
  return mapKeys(value, (key) => (special.test(key) ? key.replaceAll(specials, (character) => `%${character.charCodeAt(0).toString(16).padStart(2, "0")}`) : key));
}

/** The value that `encodeKeys` was given. */
export function decodeKeys(value: unknown): unknown {
  return mapKeys(value, (key) => (key.includes("%") ? key.replaceAll(/%([0-9a-f]{2})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16))) : key));
}

function mapKeys(value: unknown, rename: (key: string) => string): unknown {
  if (Array.isArray(value)) return value.map((each) => mapKeys(each, rename));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [rename(key), mapKeys(each, rename)]));
}
