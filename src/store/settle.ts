import { randomBytes } from "node:crypto";
import { accessSync, constants, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { RepriseError } from "#record";
import { makeFolders, syncFolder } from "./durable.ts";
import { guarded, systemCode } from "./failure.ts";
import { copyKey, KEY_BYTES } from "./key.ts";
import { type Layout, layoutOf } from "./layout.ts";
import { makeOnce } from "./make-once.ts";

/** docs/format/store.md. The number grows when an older Reprise could do harm. */
const STORE_FORMAT = "reprise/store@";
const STORE_VERSION = 1;
const VERSION_TEXT = `${STORE_FORMAT}${STORE_VERSION}\n`;
const FOLDERS = ["objects", "tmp", "runs", "records"] as const;
const OURS =
  /^(\.gitignore|VERSION|key|key\.copy|objects|tmp|runs|records|quarantine|(meta|stat-cache)\.db(-wal|-shm|-journal)?)$/;

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

/** Makes the folder into a store, or finishes a creation that was cut off. VERSION comes last: with it the store is one. */
function create(root: string, prepare: () => void): void {
  const made = makeFolders(root);
  const foreign = readdirSync(root).find((name) => !OURS.test(name));
  if (foreign !== undefined) throw notAStore(root, `it holds '${foreign}'`);
  writeFileSync(join(root, ".gitignore"), "*\n", { mode: 0o600 });
  for (const folder of FOLDERS) makeFolders(join(root, folder));
  makeOnce(root, "key", randomBytes(KEY_BYTES));
  copyKey(layoutOf(root));
  prepare();
  makeOnce(root, "VERSION", Buffer.from(VERSION_TEXT));
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

/** Whether two texts of one length differ in one bit. */
function oneBitApart(one: Buffer, other: Buffer): boolean {
  if (one.length !== other.length) return false;
  let bits = 0;
  for (const [at, byte] of one.entries())
    for (let rest = byte ^ (other[at] ?? 0); rest > 0; rest &= rest - 1) bits += 1;
  return bits === 1;
}

/**
 * Makes what a damaged store lacks around its content: folders, and VERSION where what lies there beside records or a
 * database is not what any Reprise wrote. A VERSION that says more than ours stays, unless one flipped bit says it.
 */
export function mendFrame(layout: Layout): void {
  if (![layout.database, layout.records, layout.packs].some((path) => existsSync(path))) throw missing(layout.root);
  for (const folder of FOLDERS) makeFolders(join(layout.root, folder));
  const path = join(layout.root, "VERSION");
  const [right, found] = [Buffer.from(VERSION_TEXT), existsSync(path) ? readFileSync(path) : Buffer.alloc(0)];
  if (found.equals(right) || (!oneBitApart(found, right) && newer(layout.root))) return;
  rmSync(path, { force: true });
  makeOnce(layout.root, "VERSION", right);
  syncFolder(layout.root);
}

function newer(root: string): boolean {
  try {
    return (versionOf(root) ?? 0) > STORE_VERSION;
  } catch {
    return false;
  }
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
