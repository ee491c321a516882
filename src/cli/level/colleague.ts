import { closeSync, mkdtempSync, openSync, readFileSync, readSync, rmSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { RepriseError, type VerifyDocument } from "#record";
import type { Colleague } from "#replay";
import type { Context } from "../context.ts";

/** A tar, by itself or compressed: what `reprise pack` writes. An exported run is JSON, by itself or in gzip. */
async function isPack(bytes: Uint8Array): Promise<boolean> {
  const { createGunzip } = await import("node:zlib");
  const isTar = (head: Uint8Array): boolean => Buffer.from(head.subarray(257, 262)).toString() === "ustar";
  if (bytes[0] === 0x28 && bytes[1] === 0xb5 && bytes[2] === 0x2f && bytes[3] === 0xfd) return true;
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return isTar(bytes);
  const unzip = createGunzip();
  unzip.end(bytes);
  try {
    // The start of it is enough; that it ends too early is no matter.
    for await (const piece of unzip) return isTar(piece as Uint8Array);
  } catch {
    // It is no gzip after all: the reader says so.
  }
  return false;
}

const isVerdict = (said: unknown): boolean => {
  const { format, varied, replays } = (said ?? {}) as Readonly<Record<string, unknown>>;
  return format === "reprise/verify@1" && Array.isArray(varied) && Array.isArray(replays);
};

/** Unpacked beside the store, looked at, and taken away: a look at a colleague's run keeps nothing of it. */
async function fromPack(file: string, context: Context): Promise<Colleague> {
  const [{ tmpdir }, { unpackRun }, { exportRun, readColleague }, { openStore, originOf }] = await Promise.all([
    import("node:os"),
    import("#transfer"),
    import("#replay"),
    import("#store"),
  ]);
  const folder = mkdtempSync(join(tmpdir(), "reprise-against-"));
  try {
    const store = openStore(join(folder, "store"), { create: true });
    try {
      const { record } = await unpackRun({ store, file: resolve(context.cwd, file), shown: file });
      const verdicts = (originOf(store, record.id)?.said ?? []).filter(isVerdict) as unknown as VerifyDocument[];
      const document = exportRun(store, record, context.version, verdicts);
      return readColleague(file, Buffer.from(JSON.stringify(document)));
    } finally {
      store.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A pack may be large: of it only the start is read here. */
function headOf(path: string): Uint8Array {
  const fd = openSync(path, "r");
  try {
    const head = Buffer.alloc(1 << 16);
    return head.subarray(0, readSync(fd, head));
  } finally {
    closeSync(fd);
  }
}

/** A colleague's run from the file that `reprise export` or `reprise pack` wrote; nothing in it is run. */
export async function colleagueIn(file: string, context: Context): Promise<Colleague> {
  const { readColleague } = await import("#replay");
  const path = resolve(context.cwd, file);
  let bytes: Uint8Array | null;
  try {
    // What comes through a pipe is there once.
    bytes = statSync(path).isFile() && (await isPack(headOf(path))) ? null : readFileSync(path);
  } catch (error) {
    const what = `${file} cannot be read: ${(error as Error).message}`;
    throw new RepriseError("EXPORT_UNREADABLE", "missing", what, "reprise export RUN --output FILE", { cause: error });
  }
  return bytes === null ? fromPack(file, context) : readColleague(file, bytes);
}
