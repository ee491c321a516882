import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { RepriseError } from "#record";
import type { Encryption, Remote } from "#transfer";
import { ask, canAsk } from "../confirm.ts";
import type { Context } from "../context.ts";
import { nearest } from "../nearest.ts";

/** A remote under a name of the user's own. Neither keys nor passwords: those stay where ssh, AWS and age keep them. */
export interface NamedRemote {
  readonly address: string;
  /** `age1…`: what is pushed is encrypted for them. */
  readonly recipients?: readonly string[];
  /** Path of the file with the secret key that opens it. */
  readonly identity?: string;
  /** Its key is kept there, under a passphrase that is not kept at all. */
  readonly passphrase?: true;
}

/**
 * The user's own file, never one of a project: a project comes from others, and must not say where data goes. By XDG.
 */
function remotesFile({ env }: Context): string {
  return join(env.XDG_CONFIG_HOME || join(env.HOME || homedir(), ".config"), "reprise", "remotes.json");
}

export function readRemotes(context: Context): Record<string, NamedRemote> {
  const file = remotesFile(context);
  if (!existsSync(file)) return {};
  try {
    const value: unknown = JSON.parse(readFileSync(file, "utf8"));
    if (typeof value === "object" && value !== null && !Array.isArray(value))
      return value as Record<string, NamedRemote>;
  } catch (error) {
    throw new RepriseError(
      "CONFIG_INVALID",
      "config",
      `${file} cannot be read: ${(error as Error).message}`,
      `rm '${file}'`,
    );
  }
  throw new RepriseError("CONFIG_INVALID", "config", `${file} is no list of remotes`, `rm '${file}'`);
}

export function writeRemotes(context: Context, remotes: Readonly<Record<string, NamedRemote>>): void {
  const file = remotesFile(context);
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(`${file}.part`, `${JSON.stringify(remotes, null, 1)}\n`, { mode: 0o600 });
  chmodSync(`${file}.part`, 0o600);
  renameSync(`${file}.part`, file);
}

const NAME = /^[A-Za-z0-9][\w-]*$/;
export const isRemoteName = (text: string): boolean => NAME.test(text);

function identityIn(file: string, context: Context): string {
  let text: string;
  try {
    text = readFileSync(resolve(context.cwd, file), "utf8");
  } catch (error) {
    throw new RepriseError(
      "KEY_INVALID",
      "usage",
      `the key ${file} cannot be read: ${(error as Error).message}`,
      "age-keygen -o key.txt",
    );
  }
  const found = /^AGE-SECRET-KEY-1[A-Z0-9]+$/m.exec(text)?.[0];
  if (found !== undefined) return found;
  throw new RepriseError("KEY_INVALID", "usage", `${file} holds no secret key of age`, "age-keygen -o key.txt");
}

export interface EncryptionFlags {
  readonly passphrase?: true;
  readonly recipient?: readonly string[];
  readonly identity?: string;
}

export const addRecipient = (text: string, before: readonly string[] = []): string[] => {
  if (/^age1[a-z0-9]{50,}$/.test(text)) return [...before, text];
  throw new RepriseError(
    "USAGE",
    "usage",
    `--recipient ${text}: not a public key of age`,
    "age-keygen -o key.txt prints one",
  );
};

/** As its owner gave it: by a variable, or asked for where somebody can be. */
async function passphraseFor(address: string, context: Context): Promise<string> {
  const told = context.env.REPRISE_REMOTE_PASSPHRASE || (canAsk(context) ? await ask(`Passphrase of ${address}:`) : "");
  if (told !== "") return told;
  throw new RepriseError("REMOTE_LOCKED", "storage", `${address} needs its passphrase`, "REPRISE_REMOTE_PASSPHRASE");
}

/** What there is to encrypt with and to open with; undefined: nothing was asked. */
export async function encryptionOf(
  address: string,
  flags: EncryptionFlags,
  context: Context,
): Promise<Encryption | undefined> {
  const { recipient = [], identity: file, passphrase } = flags;
  if (passphrase === true) {
    const { passphraseEncryption } = await import("#transfer");
    return passphraseEncryption(address, await passphraseFor(address, context), context);
  }
  const identity = file === undefined ? null : identityIn(file, context);
  if (recipient.length === 0 && identity === null) return undefined;
  return { recipients: await own(recipient, identity), identity };
}

/** The remote that is meant: a name of the user's own, an address, or a folder. To be closed. */
export async function remoteNamed(word: string, flags: EncryptionFlags, context: Context): Promise<Remote> {
  const remotes = readRemotes(context);
  const named = Object.hasOwn(remotes, word) ? remotes[word] : undefined;
  if (named === undefined && isRemoteName(word) && !existsSync(resolve(context.cwd, word))) {
    const meant = nearest(word, Object.keys(remotes));
    const hint = meant === undefined ? `reprise remote add ${word} s3://bucket/prefix` : `did you mean ${meant}?`;
    throw new RepriseError("REMOTE_UNKNOWN", "missing", `there is no remote '${word}', nor such a folder`, hint);
  }
  const { openRemote } = await import("#transfer");
  const address = named?.address ?? word;
  const encryption = await encryptionOf(address, { recipient: named?.recipients ?? [], ...named, ...flags }, context);
  const { cwd, env } = context;
  return openRemote(address, { cwd, env, ...(encryption === undefined ? {} : { encryption }) });
}

/** With a secret key alone it is encrypted for its owner. */
async function own(recipients: readonly string[], identity: string | null): Promise<readonly string[]> {
  if (recipients.length > 0 || identity === null) return recipients;
  const { identityToRecipient } = await import("age-encryption");
  return [await identityToRecipient(identity)];
}
