import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";

const algorithm = "aes-256-gcm";
const nonceBytes = 12;
const tagBytes = 16;

/** What was sealed does not open: changed, moved, or sealed with another key. */
export class SealBroken extends Error {
  override readonly name = "SealBroken";
}

/** Encrypts and binds bytes to a context; nonce, ciphertext and tag in one base64 text. */
export function seal(key: Buffer, context: string, plain: Buffer): string {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv(algorithm, key, nonce, { authTagLength: tagBytes }).setAAD(Buffer.from(context));
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]).toString("base64");
}

/** The bytes that were sealed in this very context; throws SealBroken otherwise. */
export function open(key: Buffer, context: string, sealed: string): Buffer {
  const bytes = Buffer.from(sealed, "base64");
  // Node skips what is not base64, so that several texts would mean the same bytes.
  if (bytes.length < nonceBytes + tagBytes || bytes.toString("base64") !== sealed) throw new SealBroken("the secret is damaged");
  const end = bytes.length - tagBytes;
  try {
    const decipher = createDecipheriv(algorithm, key, bytes.subarray(0, nonceBytes), { authTagLength: tagBytes })
      .setAAD(Buffer.from(context)).setAuthTag(bytes.subarray(end));
    return Buffer.concat([decipher.update(bytes.subarray(nonceBytes, end)), decipher.final()]);
  } catch {
    throw new SealBroken("the secret is damaged or belongs to another key");
  }
}
