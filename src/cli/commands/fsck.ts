import { writeJson } from "../context.ts";
import { EXIT } from "../exit-codes.ts";
import { face } from "../face.ts";
import { findPlace } from "../place.ts";
import { fsckText } from "../store/fsck-text.ts";
import type { Define } from "../verb.ts";

interface Flags {
  readonly store?: string;
  readonly json?: true;
}

export const defineFsck: Define = (context, end) =>
  face(context, "fsck", "check every object and record", {
    notes: [
      "Reads everything in the store against its digest, names what is damaged or missing and the runs that need it.",
      "Changes nothing. What it finds is mended by: reprise repair",
    ],
    examples: [["reprise fsck", ""]],
    exits: [
      ["0", "all whole"],
      ["1", "something is damaged or missing"],
    ],
  })
    .option("--store <dir>", "the folder that keeps the runs")
    .option("--json", "one JSON document on standard output")
    .action(async (flags: Flags) => {
      const place = await findPlace(context, flags.store, "read");
      const { fsckStore } = await import("#store");
      const report = fsckStore(place.store);
      if (flags.json === true) writeJson(context, { format: "reprise/fsck@1", ...report });
      else context.out.write(fsckText(report, context.out.colors));
      end(report.findings.length === 0 ? EXIT.ok : EXIT.no);
    });
