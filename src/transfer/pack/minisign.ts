import {
  createHash,
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  scryptSync,
  sign as signBytes,
  verify as verifyBytes,
} from "node:crypto";
import { RepriseError } from "#record";

/**
 * Signatures as minisign makes and checks them (jedisct1.github.io/minisign): Ed25519 over the BLAKE2b-512 of the file,
 * and once more over the signature and its trusted comment.
 */
export interface SigningKey {
  readonly id: Buffer;
  readonly key: KeyObject;
}

export interface VerifyKey {
  /** null: a key without one (PEM); any id is then accepted. */
  readonly id: Buffer | null;
  readonly key: KeyObject;
}

const SPKI = Buffer.from("302a300506032b6570032100", "hex");
const PKCS8 = Buffer.from("302e020100300506032b657004220420", "hex");

const blake2b = (bytes: Uint8Array): Buffer => createHash("blake2b512").update(bytes).digest();
const publicKey = (raw: Buffer): KeyObject =>
  createPublicKey({ key: Buffer.concat([SPKI, raw]), format: "der", type: "spki" });
const rawOf = (key: KeyObject): Buffer => key.export({ format: "der", type: "spki" }).subarray(SPKI.length);

/** As minisign shows ids: the eight bytes as a little-endian number. */
export const shownId = (id: Buffer): string => Buffer.from(id).reverse().toString("hex").toUpperCase();

const unusable = (name: string, why: string): RepriseError =>
  new RepriseError(
    "KEY_INVALID",
    "usage",
    `${name} cannot be used as a key: ${why}`,
    "openssl genpkey -algorithm ed25519 -out key.pem; openssl pkey -in key.pem -pubout -out key.pub",
  );

/** The last line of a minisign file that is not a comment, as bytes. */
function payload(text: string): Buffer {
  const lines = text.split(/\r?\n/).filter((line) => line !== "" && !/^(un)?trusted comment:/.test(line));
  return Buffer.from(lines[0] ?? "", "base64");
}

/** libsodium's choice of N, r, p for limits of operations and memory. */
function scryptCosts(operations: number, memory: number): { N: number; r: number; p: number } {
  const ops = Math.max(operations, 32768);
  const r = 8;
  const isSmall = ops < memory / 32;
  const most = isSmall ? ops / (r * 4) : memory / (r * 128);
  let log = 1;
  while (log < 63 && 2 ** log <= most / 2) log += 1;
  const p = isSmall ? 1 : Math.floor(Math.min(0x3fffffff, Math.floor(ops / 4 / 2 ** log)) / r);
  return { N: 2 ** log, r, p };
}

function unlock(body: Buffer, locked: boolean, password: string | undefined, name: string): Buffer {
  const secret = Buffer.from(body.subarray(54, 158));
  if (!locked) return secret;
  if (password === undefined)
    throw unusable(
      name,
      "it is locked by a password; give it in REPRISE_KEY_PASSWORD, or make a key without (minisign -G -W)",
    );
  const [operations, memory] = [Number(body.readBigUInt64LE(38)), Number(body.readBigUInt64LE(46))];
  if (memory > 2 ** 31) throw unusable(name, "unlocking it would take more than 2 GiB of memory");
  const costs = scryptCosts(operations, memory);
  const stream = scryptSync(password, body.subarray(6, 38), secret.length, { ...costs, maxmem: memory * 2 });
  for (const [i, byte] of stream.entries()) secret[i] = (secret[i] ?? 0) ^ byte;
  return secret;
}

/** A secret key: minisign's file, with or without a password, or an Ed25519 key in PEM. Throws KEY_INVALID. */
export function readSigningKey(text: string, name: string, password?: string): SigningKey {
  if (text.includes("-----BEGIN")) {
    let key: KeyObject;
    try {
      key = createPrivateKey(password === undefined ? text : { key: text, passphrase: password });
    } catch (error) {
      throw unusable(name, (error as Error).message);
    }
    if (key.asymmetricKeyType !== "ed25519") throw unusable(name, `it is no Ed25519 key but ${key.asymmetricKeyType}`);
    return { id: blake2b(rawOf(createPublicKey(key))).subarray(0, 8), key };
  }
  const body = payload(text);
  const [algorithm, lock] = [body.toString("latin1", 0, 2), body.toString("latin1", 2, 4)];
  if (body.length !== 158 || algorithm !== "Ed" || (lock !== "Sc" && lock !== "\0\0"))
    throw unusable(name, "it is neither a secret key of minisign nor a private key in PEM");
  const secret = unlock(body, lock === "Sc", password, name);
  const [id, seed] = [secret.subarray(0, 8), secret.subarray(8, 40)];
  const key = createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: "der", type: "pkcs8" });
  if (!rawOf(createPublicKey(key)).equals(secret.subarray(40, 72)))
    throw unusable(name, lock === "Sc" ? "the password is another one" : "it is damaged");
  return { id: Buffer.from(id), key };
}

/** A public key: minisign's file or its one line, or an Ed25519 key in PEM. Throws KEY_INVALID. */
export function readVerifyKey(text: string, name: string): VerifyKey {
  if (text.includes("-----BEGIN")) {
    try {
      const key = createPublicKey(text);
      if (key.asymmetricKeyType === "ed25519") return { id: null, key };
    } catch (error) {
      throw unusable(name, (error as Error).message);
    }
    throw unusable(name, "it is no Ed25519 key");
  }
  const body = payload(text);
  if (body.length !== 42 || body.toString("latin1", 0, 2) !== "Ed")
    throw unusable(name, "it is neither a public key of minisign nor one in PEM");
  return { id: body.subarray(2, 10), key: publicKey(body.subarray(10)) };
}

export function sign(bytes: Uint8Array, { id, key }: SigningKey, comment: string): string {
  const signature = signBytes(null, blake2b(bytes), key);
  const whole = signBytes(null, Buffer.concat([signature, Buffer.from(comment)]), key);
  const body = Buffer.concat([Buffer.from("ED"), id, signature]).toString("base64");
  return `untrusted comment: signature from reprise, checked by minisign -V\n${body}\ntrusted comment: ${comment}\n${whole.toString("base64")}\n`;
}

interface ReadSignature {
  readonly id: Buffer;
  readonly hashed: boolean;
  readonly signature: Buffer;
  readonly comment: string;
  readonly whole: Buffer;
}

function readSignature(text: string): ReadSignature | null {
  const [, first = "", trusted = "", last = ""] = text.split(/\r?\n/);
  const body = Buffer.from(first, "base64");
  const algorithm = body.toString("latin1", 0, 2);
  if (body.length !== 74 || (algorithm !== "ED" && algorithm !== "Ed") || !trusted.startsWith("trusted comment: "))
    return null;
  return {
    id: body.subarray(2, 10),
    hashed: algorithm === "ED",
    signature: body.subarray(10),
    comment: trusted.slice("trusted comment: ".length),
    whole: Buffer.from(last, "base64"),
  };
}

/** The id that a signature names, unchecked; null: it is none. */
export const signatureId = (text: string): string | null => {
  const read = readSignature(text);
  return read === null ? null : shownId(read.id);
};

/** Why a signature does not hold; null: it does. */
export function signatureFault(bytes: Uint8Array, text: string, { id, key }: VerifyKey): string | null {
  const read = readSignature(text);
  if (read === null) return "its signature is damaged";
  if (id !== null && !id.equals(read.id)) return `it was signed with another key (${shownId(read.id)})`;
  if (!verifyBytes(null, read.hashed ? blake2b(bytes) : bytes, key, read.signature))
    return "its signature does not fit: it was changed, or signed with another key";
  const signed = Buffer.concat([read.signature, Buffer.from(read.comment)]);
  return verifyBytes(null, signed, key, read.whole) ? null : "the comment of its signature was changed";
}
