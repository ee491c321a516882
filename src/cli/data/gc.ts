import { RepriseError } from "#record";
import type { DataVersion, Store } from "#store";
import { writeJson } from "../context.ts";
import { EXIT } from "../exit-codes.ts";
import { face } from "../face.ts";
import { findPlace, withStore } from "../place.ts";
import { bytes, plural } from "../render/words.ts";
import type { Define } from "../verb.ts";
import { type Shared, shared } from "./flags.ts";
import { refOf } from "./text.ts";

interface Flags extends Shared {
  readonly keep: number;
  readonly dryRun?: true;
}

function keepOf(text: string): number {
  const number = Number(text);
  if (/^\d{1,6}$/.test(text) && number >= 1) return number;
  throw new RepriseError("USAGE", "usage", `--keep ${text}: a number of versions, at least 1`, "--keep 3");
}

/** All but the last so many of each name. */
function outdated(store: Store, name: string | undefined, keep: number): DataVersion[] {
  if (name !== undefined) store.data.find(name);
  const byName = Map.groupBy(store.data.list(name), (version) => version.name);
  return [...byName.values()].flatMap((versions) => versions.slice(0, -keep));
}

export const defineDataGc: Define = (context, end) =>
  shared(
    face(context, "data gc", "forget old versions of data, and free what only they needed", {
      notes: [
        "What a run has stored as its input stays. Content that was put less than an hour ago stays until a later gc.",
      ],
      examples: [
        ["reprise data gc --keep 3 --dry-run", "which would go"],
        ["reprise data gc pets --keep 1", ""],
      ],
      exits: [["0", "done, even when there was nothing to forget"]],
    }).name("gc"),
  )
    .argument("[name]", "only this one")
    .requiredOption("--keep <n>", "so many versions of each name stay", keepOf)
    .option("--dry-run", "only say which would go")
    .action(async (name: string | undefined, flags: Flags) => {
      const place = await findPlace(context, flags.store, "read");
      const { gone, report } = await withStore(place, {}, (store) => {
        const old = outdated(store, name, flags.keep);
        if (flags.dryRun === true) return { gone: old, report: null };
        for (const version of old) store.data.remove(version);
        return { gone: old, report: store.collectGarbage() };
      });
      const refs = gone.map(refOf);
      if (flags.json === true) writeJson(context, { format: "reprise/data-gc@1", versions: refs, freed: report });
      else {
        const what = refs.length === 0 ? "nothing" : refs.join(", ");
        context.out.write(
          report === null
            ? `would forget ${what}\n`
            : `forgot ${what}; freed ${bytes(report.bytes)}: ${plural(report.objects, "object")}\n`,
        );
      }
      end(EXIT.ok);
    });
