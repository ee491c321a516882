import { randomBytes } from "node:crypto";
import {
  accessSync,
  constants,
  existsSync,
  linkSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { RepriseError } from "#record";
import { makeFolders, syncFolder, writeFileSynced } from "./durable.ts";
import { guarded, systemCode } from "./failure.ts";

/** docs/format/store.md. The number grows when an older Reprise could do harm. */
const STORE_FORMAT = "reprise/store@";
const STORE_VERSION = 1;
const FOLDERS = ["objects", "tmp", "runs"] as const;
const OURS = /^(\.gitignore|VERSION|key|objects|tmp|runs|(meta|stat-cache)\.db(-wal|-shm|-journal)?)$/;

/** Where things lie in a store folder. */
export interface Layout {
  readonly root: string;
  readonly database: string;
  readonly statCache: string;
  readonly objects: string;
  readonly packs: string;
  readonly temporary: string;
  readonly runs: string;
  readonly key: string;
}

export function layoutOf(root: string): Layout {
  return {
    root,
    database: join(root, "meta.db"),
    statCache: join(root, "stat-cache.db"),
    objects: join(root, "objects"),
    packs: join(root, "objects", "packs"),
    temporary: join(root, "tmp"),
    runs: join(root, "runs"),
    key: join(root, "key"),
  };
}

const notAStore = (root: string, why: string): RepriseError =>
  new RepriseError(
    "STORE_NOT_A_STORE",
    "config",
    `${root} is not a store of Reprise: ${why}`,
    "choose another folder with --store DIR",
  );

/** The version that is written in the folder, or null when there is none (nothing there, or a creation that was cut off). */
function versionOf(root: string): number | null {
  let text: string;
  try {
    text = readFileSync(join(root, "VERSION"), "utf8").trim();
  } catch (error) {
    if (systemCode(error) === "ENOENT") return null;
    if (systemCode(error) === "ENOTDIR") throw notAStore(root, "it is a file");
    throw error;
  }
  const number = text.startsWith(STORE_FORMAT) ? Number(text.slice(STORE_FORMAT.length)) : Number.NaN;
  if (!Number.isInteger(number) || number < 1) throw notAStore(root, "its VERSION file says something else");
  return number;
}

/** A link fails when the name is taken, a rename does not: the first one wins where the file system knows links. */
function placeOnce(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch (error) {
    const code = systemCode(error) ?? "";
    if (code === "EEXIST") return;
    if (!["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"].includes(code)) throw error;
    if (!existsSync(to)) renameSync(from, to);
  }
}

/** A file that is there whole or not at all, and that the first of several processes makes. */
function makeOnce(root: string, name: string, bytes: Uint8Array): void {
  const folder = mkdtempSync(join(root, "tmp", "make-"));
  try {
    writeFileSynced(join(folder, name), bytes);
    placeOnce(join(folder, name), join(root, name));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Makes the folder into a store, or finishes a creation that was cut off. VERSION comes last: with it the store is one. */
function create(root: string, prepare: () => void): void {
  const made = makeFolders(root);
  const foreign = readdirSync(root).find((name) => !OURS.test(name));
  if (foreign !== undefined) throw notAStore(root, `it holds '${foreign}'`);
  writeFileSync(join(root, ".gitignore"), "*\n", { mode: 0o600 });
  for (const folder of FOLDERS) makeFolders(join(root, folder));
  makeOnce(root, "key", randomBytes(32));
  prepare();
  makeOnce(root, "VERSION", Buffer.from(`${STORE_FORMAT}${STORE_VERSION}\n`));
  syncFolder(root);
  if (made !== undefined) syncFolder(dirname(made));
}

/**
 * Finds the store in a folder, or makes it. `prepare` runs before a new store counts as one.
 * Throws STORE_MISSING, STORE_NOT_A_STORE, STORE_NEWER, STORE_READ_ONLY, STORE_UNREADABLE, STORE_FULL.
 */
export function settle(
  root: string,
  options: { readonly create: boolean; readonly readonly: boolean },
  prepare: () => void,
): Layout {
  const version = guarded(root, "read", () => versionOf(root));
  if (version !== null && version > STORE_VERSION) {
    throw new RepriseError(
      "STORE_NEWER",
      "storage",
      `the store ${root} was written by a newer Reprise (store version ${version}, this one knows up to ${STORE_VERSION})`,
      "npm install --global reprise@latest",
    );
  }
  if (version === null && (!options.create || options.readonly)) throw missing(root);
  guarded(root, options.readonly ? "read" : "write", () => {
    if (version === null) create(root, prepare);
    else accessSync(root, options.readonly ? constants.R_OK : constants.R_OK | constants.W_OK);
  });
  return layoutOf(root);
}

function missing(root: string): RepriseError {
  const there = guarded(root, "read", () => statSync(root, { throwIfNoEntry: false }));
  if (there !== undefined && readdirSync(root).some((name) => !OURS.test(name)))
    return notAStore(root, "it has no VERSION file");
  return new RepriseError(
    "STORE_MISSING",
    "missing",
    `there is no store in ${root} yet`,
    "reprise run -- COMMAND makes it",
  );
}

/** The key of the keyed HMACs in this store's records. */
export function readKey(layout: Layout): Uint8Array {
  return guarded(layout.root, "read", () => {
    const key = readFileSync(layout.key);
    if (key.length !== 32) {
      throw new RepriseError(
        "STORE_CORRUPT_KEY",
        "storage",
        `${layout.key} is damaged: ${key.length} bytes instead of 32`,
        `rm '${layout.key}' (new runs then cannot be compared with old ones in secret variables)`,
      );
    }
    return new Uint8Array(key);
  });
}
