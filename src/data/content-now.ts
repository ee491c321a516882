import { createHash } from "node:crypto";
import { closeSync, openSync, readSync } from "node:fs";
import { type Digest, digestFromHex, isUnknown } from "#record";
import type { Store } from "#store";
import type { Found } from "./walk.ts";

/** A file whose name is no text: no cache knows it. */
function digestOdd(place: Buffer): Digest | null {
  const hashing = createHash("sha256");
  const buffer = Buffer.allocUnsafe(1 << 20);
  let fd: number;
  try {
    fd = openSync(place, "r");
  } catch {
    return null;
  }
  try {
    for (let got = readSync(fd, buffer, 0, buffer.length, null); got > 0; ) {
      hashing.update(buffer.subarray(0, got));
      got = readSync(fd, buffer, 0, buffer.length, null);
    }
    return digestFromHex(hashing.digest("hex"));
  } catch {
    return null;
  } finally {
    closeSync(fd);
  }
}

/** What files hold now, by where they lie. Those that cannot be read are left out. */
export function contentNow(store: Store, files: Iterable<Found>): Map<Found["place"], Digest> {
  const now = new Map<Found["place"], Digest>();
  const places: string[] = [];
  for (const { kind, place } of files) {
    if (kind !== "file") continue;
    const odd = typeof place === "string" ? null : digestOdd(place);
    if (typeof place === "string") places.push(place);
    else if (odd !== null) now.set(place, odd);
  }
  for (const [place, file] of store.files.digestFiles(places)) if (!isUnknown(file)) now.set(place, file.digest);
  return now;
}
