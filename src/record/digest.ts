import { createHash } from "node:crypto";

/** "sha256:" + 64 hex digits: the name of some bytes. */
export type Digest = string & { readonly __digest: unique symbol };

const FORM = /^sha256:[0-9a-f]{64}$/;

export function isDigest(text: string): text is Digest {
  return FORM.test(text);
}

export function digestOf(bytes: Uint8Array | string): Digest {
  return digestFromHex(createHash("sha256").update(bytes).digest("hex"));
}

/** From 64 hex digits, as createHash gives them. */
export function digestFromHex(hex: string): Digest {
  const text = `sha256:${hex}`;
  if (!isDigest(text)) throw new TypeError(`not a SHA-256 in hex: ${hex.slice(0, 80)}`);
  return text;
}

export function digestHex(digest: Digest): string {
  return digest.slice("sha256:".length);
}
