const size = 32;

/** Reads a master key of 32 bytes from hex, base64 or base64url; throws a RangeError that never shows it. */
export function parseMasterKey(text: string): Buffer {
  const trimmed = text.trim();
  if (/^[0-9a-f]{64}$/i.test(trimmed)) return Buffer.from(trimmed, "hex");
  const key = /^[A-Za-z0-9+/_-]{43}=?$/.test(trimmed) ? Buffer.from(trimmed, "base64") : null;
  if (key?.length !== size) throw new RangeError("the master key must be 32 bytes in hex (64 digits) or base64 (44 characters)");
  return key;
}
