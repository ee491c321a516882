import { type Digest, isUnknown } from "#record";
import type { Store } from "#store";
import type { DigestFiles } from "./compare.ts";

/** Digests of files of an environment, by the store's own table of what it has hashed. */
export const digestsBy =
  (store: Store): DigestFiles =>
  (paths) =>
    new Map(
      [...store.files.digestFiles([...paths])].map(([path, found]) => [path, isUnknown(found) ? found : found.digest]),
    );

/** Objects by digest, for lock files; one that is damaged is as good as none. */
export const objectsOf =
  (store: Store) =>
  (digest: Digest): Uint8Array | null => {
    try {
      return store.objects.has(digest) ? store.objects.read(digest) : null;
    } catch {
      return null;
    }
  };
