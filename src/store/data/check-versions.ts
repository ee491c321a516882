import { type Digest, RepriseError } from "#record";
import type { Database } from "../database.ts";
import { ofDataVersion } from "../needed.ts";
import type { Objects } from "../objects/objects.ts";
import { SqliteDataVersions } from "./sqlite-versions.ts";

/** Versions of data that cannot be read, and which version needs which object. */
export interface CheckedVersions {
  readonly versions: number;
  readonly needed: ReadonlyMap<Digest, readonly string[]>;
  readonly broken: readonly { readonly version: string; readonly error: RepriseError }[];
}

export function checkVersions(database: Database, objects: Objects): CheckedVersions {
  const needed = new Map<Digest, readonly string[]>();
  const broken: { version: string; error: RepriseError }[] = [];
  const { versions, damaged } = new SqliteDataVersions(database, objects).readable();
  broken.push(...damaged);
  for (const { name, version, manifest } of versions) {
    const ref = `${name}@${version}`;
    // One list for all that only this version needs: there may be millions.
    const alone = [ref];
    try {
      for (const digest of ofDataVersion(objects, manifest)) {
        const users = needed.get(digest);
        if (users === undefined) needed.set(digest, alone);
        else if (users.at(-1) !== ref) needed.set(digest, [...users, ref]);
      }
    } catch (error) {
      if (!(error instanceof RepriseError)) throw error;
      broken.push({ version: ref, error });
    }
  }
  return { versions: versions.length, needed, broken };
}
