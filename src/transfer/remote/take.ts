import { rmSync } from "node:fs";
import type { Digest } from "#record";
import type { Store } from "#store";
import { type ManifestFile, refused } from "../manifest.ts";
import type { Remote } from "./remote.ts";

const [PORTION_FILES, PORTION_BYTES] = [256, 256 * 2 ** 20];

export interface TakeOptions {
  readonly store: Store;
  readonly remote: Remote;
  /** Large files are kept in pieces that versions share. */
  readonly pieces?: boolean;
  readonly onTaken?: (bytes: number) => void;
}

/** What the store has already is spared by gc from now on; what it lacks, each once. */
function lacking(store: Store, objects: readonly ManifestFile[]): ManifestFile[] {
  const wanted = new Map<Digest, ManifestFile>();
  for (const object of objects) {
    const { digest, bytes } = object;
    const known = wanted.get(digest)?.bytes ?? (store.objects.retain(digest) ? store.objects.size(digest) : null);
    if (known === null) wanted.set(digest, object);
    else if (known !== bytes)
      throw refused(
        "REMOTE_CORRUPT",
        `${digest} has ${known} bytes here, and ${bytes} by what is said there`,
        "reprise fsck",
      );
  }
  return [...wanted.values()];
}

/** Objects of a remote into the store, checked before they get there; those that it has are not asked for. */
export async function takeObjects(
  objects: readonly ManifestFile[],
  { store, remote, pieces = false, onTaken }: TakeOptions,
): Promise<{ readonly objects: number; readonly bytes: number }> {
  const wanted = lacking(store, objects);
  let [files, bytes]: [ManifestFile[], number] = [[], 0];
  const flush = async (): Promise<void> => {
    const placed = files.map((file) => ({ ...file, path: remote.fresh() }));
    const batch = store.objects.batch();
    try {
      await remote.readTo(placed);
      for (const { path } of placed) batch.putFile(path, { pieces });
      batch.flush();
    } finally {
      batch.abort();
      for (const { path } of placed) rmSync(path, { force: true });
    }
    onTaken?.(bytes);
    [files, bytes] = [[], 0];
  };
  for (const object of wanted) {
    if (files.length >= PORTION_FILES || (bytes + object.bytes > PORTION_BYTES && files.length > 0)) await flush();
    files.push(object);
    bytes += object.bytes;
  }
  if (files.length > 0) await flush();
  return { objects: wanted.length, bytes: wanted.reduce((sum, one) => sum + one.bytes, 0) };
}
