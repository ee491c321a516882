import { type Digest, digestHex } from "#record";
import { dataThere, describedData, entriesThere, manifestThere } from "../data/remote-data.ts";
import { luggageDigests } from "../manifest.ts";
import { objectName } from "../pack/pack.ts";
import { Lease } from "./lease.ts";
import type { Remote } from "./remote.ts";

export interface Collected {
  readonly objects: number;
  readonly bytes: number;
}

async function* ofRuns(remote: Remote): AsyncIterable<Digest> {
  for (const id of await remote.runs()) {
    const manifest = await remote.manifest(id);
    if (manifest === null) continue;
    for (const { digest } of [manifest.record, ...manifest.files, ...manifest.objects]) yield digest;
    yield* luggageDigests(manifest);
  }
}

/** Parts that versions share are read once. */
async function* ofData(remote: Remote): AsyncIterable<Digest> {
  const read = new Set<Digest>();
  for (const one of await dataThere(remote)) {
    const described = await describedData(remote, one);
    const { manifest, parts } = described;
    yield manifest.digest;
    const { parts: counted } = await manifestThere(remote, described);
    for (const [index, part] of counted.entries()) {
      yield part.digest;
      if (read.has(part.digest)) continue;
      read.add(part.digest);
      for (const { digest } of await entriesThere(remote, part, parts[index]?.bytes ?? 0, manifest.digest))
        if (digest !== null) yield digest;
    }
  }
}

/**
 * Removes objects of a remote that no run and no version of data there names: what pushes left that broke off. While somebody
 * pushes it does nothing (REMOTE_BUSY), and nobody begins to push while it goes on. A run or a version that cannot be read
 * ends it: nothing is removed.
 */
export async function collectRemote(remote: Remote): Promise<Collected> {
  const lease = await Lease.take(remote.shelf, "gc", remote.scratch);
  try {
    const named = new Set<string>();
    for (const digests of [ofRuns(remote), ofData(remote)]) {
      for await (const digest of digests) {
        named.add(objectName(digestHex(digest)));
        await lease.renew();
      }
    }
    const surplus = (await remote.contents.list("objects/")).filter(({ name }) => !named.has(name));
    await lease.hold();
    await remote.contents.remove(surplus.map(({ name }) => name));
    await remote.shelf.removeUnfinished?.();
    return { objects: surplus.length, bytes: surplus.reduce((sum, { bytes }) => sum + bytes, 0) };
  } finally {
    await lease.release();
  }
}
