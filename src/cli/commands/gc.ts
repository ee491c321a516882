import { writeJson } from "../context.ts";
import { EXIT } from "../exit-codes.ts";
import { face } from "../face.ts";
import { findPlace, withStore } from "../place.ts";
import { bytes, plural } from "../render/words.ts";
import type { Define } from "../verb.ts";

interface Flags {
  readonly store?: string;
  readonly dryRun?: true;
  readonly json?: true;
}

export const defineGc: Define = (context, end) =>
  face(context, "gc", "free the space that no run needs", {
    notes: [
      "Removes objects that no record names. What is younger than an hour stays, and so does what unfinished runs may need,",
      "also those of other machines. Nothing goes while the store is damaged: what is needed could not be told then.",
    ],
    examples: [
      ["reprise gc --dry-run", "say what would go"],
      ["reprise gc", ""],
    ],
    exits: [["0", "done, even when there was nothing to free"]],
  })
    .option("-n, --dry-run", "remove nothing, say what would go")
    .option("--store <dir>", "the folder that keeps the runs")
    .option("--json", "one JSON document on standard output")
    .action(async (flags: Flags) => {
      const dryRun = flags.dryRun === true;
      const place = await findPlace(context, flags.store, "read");
      const report = await withStore(place, {}, (store) => store.collectGarbage({ dryRun }));
      if (flags.json === true) writeJson(context, { format: "reprise/gc@1", dryRun, ...report });
      else
        context.out.write(
          `${dryRun ? "would free" : "freed"} ${bytes(report.bytes)}: ${plural(report.objects, "object")}, ${plural(report.folders, "folder")} left behind\n`,
        );
      end(EXIT.ok);
    });
