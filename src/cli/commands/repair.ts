import { existsSync } from "node:fs";
import { isAbsolute, join, resolve } from "node:path";
import { RepriseError } from "#record";
import type { ObjectSource } from "#store";
import { type Context, writeJson } from "../context.ts";
import { EXIT } from "../exit-codes.ts";
import { face } from "../face.ts";
import { findPlace } from "../place.ts";
import { repairText } from "../store/repair-text.ts";
import type { Define } from "../verb.ts";

interface Flags {
  readonly from: readonly string[];
  readonly store?: string;
  readonly json?: true;
}

const addFrom = (value: string, before: readonly string[]): string[] => [...before, value];

/** Another store folder, or a remote; what lies there is only read. */
async function sourceOf(address: string, context: Context): Promise<ObjectSource> {
  const { storeSource } = await import("#store");
  if (address === "") throw new RepriseError("USAGE", "usage", "--from needs a store", "--from DIR");
  const folder = isAbsolute(address) ? address : resolve(context.cwd, address);
  if (!existsSync(join(folder, "VERSION"))) {
    const { remoteNamed } = await import("../transfer/remotes.ts");
    const remote = await remoteNamed(address, {}, context);
    process.once("exit", () => remote.close());
    if (await remote.isMade()) return remote;
  }
  return storeSource(folder);
}

export const defineRepair: Define = (context, end) =>
  face(context, "repair", "mend what fsck finds", {
    notes: [
      "Makes a damaged database anew from the copies that the store keeps of each run, and takes good copies of damaged or",
      "missing objects from --from, and from where the runs read or wrote them; only what its digest proves is taken.",
      "What was damaged is moved into the folder quarantine of the store, never deleted.",
    ],
    examples: [
      ["reprise repair", "with what is on this machine"],
      ["reprise repair --from /backup/.reprise", "also with the objects of another store"],
      ["reprise repair --from team", "of a remote (reprise remote ls)"],
    ],
    exits: [
      ["0", "all is whole"],
      ["1", "something stays damaged or missing; it is named, with the runs that it hurts"],
    ],
  })
    .option(
      "--from <store>",
      "another store, or a remote, that may have good copies; may be given several times",
      addFrom,
      [],
    )
    .option("--store <dir>", "the folder that keeps the runs")
    .option("--json", "one JSON document on standard output")
    .action(async (flags: Flags) => {
      const place = await findPlace(context, flags.store, "read");
      const sources = await Promise.all(flags.from.map((address) => sourceOf(address, context)));
      const { repairStore } = await import("#store");
      const report = await repairStore(place.store, { sources });
      if (flags.json === true) writeJson(context, { format: "reprise/repair@1", ...report });
      else context.out.write(repairText(report, context.out.colors));
      end(report.left.length === 0 ? EXIT.ok : EXIT.no);
    });
