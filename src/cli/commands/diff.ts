import { writeJson } from "../context.ts";
import { EXIT } from "../exit-codes.ts";
import { face } from "../face.ts";
import { findPlace, withStore } from "../place.ts";
import { diffText } from "../render/diff.ts";
import type { Define } from "../verb.ts";

interface Flags {
  readonly all?: true;
  readonly store?: string;
  readonly json?: true;
}

export const defineDiff: Define = (context, end) =>
  face(context, "diff", "show what differs between two runs", {
    notes: ["+ only in B, - only in A, ~ in both but not the same. Results are exit code, outputs and metrics."],
    examples: [
      ["reprise diff @last~1 @last", ""],
      ["reprise diff baseline 5e0f3a2b --json", ""],
    ],
    exits: [
      ["0", "the results are the same"],
      ["1", "the results differ"],
    ],
  })
    .argument("<a>", "RUN: an id, a part of one, a name, @last, @last~N")
    .argument("<b>", "RUN")
    .option("-a, --all", "every entry of long sections")
    .option("--store <dir>", "the folder that keeps the runs")
    .option("--json", "one JSON document on standard output")
    .action(async (a: string, b: string, flags: Flags) => {
      const place = await findPlace(context, flags.store, "read");
      const { diffRecords } = await import("#compare");
      const diff = await withStore(place, { readonly: true }, (store) =>
        diffRecords(store.runs.get(a), store.runs.get(b)),
      );
      if (flags.json === true) writeJson(context, diff);
      else context.out.write(diffText(diff, context.out, flags.all === true));
      end(diff.same ? EXIT.ok : EXIT.no);
    });
