import type { Digest } from "#record";
import { objectsOfManifest } from "./data/manifest.ts";
import type { Objects } from "./objects/objects.ts";

/** Objects lead to others: one in pieces to its pieces, a version of data to its parts and files. */

/** A digest, and its pieces where it is kept in pieces. Throws STORE_CORRUPT_OBJECT when the list of them is damaged. */
export function* withPieces(objects: Objects, digest: Digest): Iterable<Digest> {
  yield digest;
  for (const piece of objects.piecesOf(digest) ?? []) yield piece.digest;
}

/** Every object that a version of data needs. Throws what reading its manifest throws. */
export function* ofDataVersion(objects: Objects, manifest: Digest): Iterable<Digest> {
  for (const digest of objectsOfManifest(objects, manifest)) yield* withPieces(objects, digest);
}
