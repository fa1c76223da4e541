import { createHash, createHmac, timingSafeEqual } from "node:crypto";

const alphabet = "abcdefghijklmnopqrstuvwxyz234567";
const keyBytes = 20;
const sumChars = 6;
const shape = /^ah_[a-z2-7]{38}$/;

function base32(bytes: Uint8Array): string {
  let bits = 0n;
  for (const byte of bytes) bits = (bits << 8n) | BigInt(byte);
  const length = Math.ceil((bytes.length * 8) / 5);
  bits <<= BigInt(length * 5 - bytes.length * 8);
  return Array.from({ length }, (_, at) => alphabet[Number((bits >> BigInt((length - 1 - at) * 5)) & 31n)]).join("");
}

// A checksum tells a mistyped key from an unknown one before any store is asked.
const checksum = (body: string): string => base32(createHash("sha256").update(`agenthub api key ${body}`).digest()).slice(0, sumChars);

/** A new key of 160 random bits, and what may be shown of it later. */
export function newApiKey(random: (bytes: number) => Uint8Array): { key: string; hint: string } {
  const body = base32(random(keyBytes).subarray(0, keyBytes));
  return { key: `ah_${body}${checksum(body)}`, hint: `ah_${body.slice(0, 4)}...` };
}

/** Whether a text is a well-formed key; says nothing about whether it was ever issued. */
export function checkApiKey(key: string): boolean {
  if (!shape.test(key)) return false;
  const body = key.slice(3, -sumChars);
  return timingSafeEqual(Buffer.from(checksum(body)), Buffer.from(key.slice(-sumChars)));
}

/** What is kept of a key: HMAC-SHA256 in hex. */
export const hashApiKey = (key: string, pepper: string | Uint8Array): string => createHmac("sha256", pepper).update(key).digest("hex");
