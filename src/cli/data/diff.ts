import { writeJson } from "../context.ts";
import { EXIT } from "../exit-codes.ts";
import { face } from "../face.ts";
import { findPlace, withStore } from "../place.ts";
import type { Define } from "../verb.ts";
import { type Shared, shared } from "./flags.ts";
import { changesText, countText, refOf } from "./text.ts";

interface Flags extends Shared {
  readonly all?: true;
}

export const defineDataDiff: Define = (context, end) =>
  shared(
    face(context, "data diff", "say what differs between two versions of data", {
      notes: ["Reads no file but the manifests. For rows and values: reprise diff of two runs, or data stats."],
      examples: [
        ["reprise data diff pets", "the last version against the one before"],
        ["reprise data diff pets@1 pets@3", ""],
      ],
      exits: [
        ["0", "the same"],
        ["1", "they differ"],
      ],
    }).name("diff"),
  )
    .argument("<a>", "NAME or NAME@VERSION; alone: against the version before")
    .argument("[b]", "NAME@VERSION")
    .option("-a, --all", "every change")
    .action(async (a: string, b: string | undefined, flags: Flags) => {
      const { diffData } = await import("#data");
      const place = await findPlace(context, flags.store, "read");
      const found = await withStore(place, { readonly: true }, (store) => {
        const last = store.data.find(a);
        const earlier = (): number => store.data.list(last.name).findLastIndex((one) => one.version < last.version);
        if (b !== undefined) return diffData(store, last, store.data.find(b));
        return diffData(store, store.data.list(last.name)[earlier()] ?? last, last);
      });
      const { changes, unchanged } = found;
      if (flags.json === true) writeJson(context, { format: "reprise/data-diff@1", ...found });
      else {
        const { colors } = context.out;
        const names = `${refOf(found.a)} and ${refOf(found.b)}`;
        context.out.write(
          changes.length === 0
            ? `${colors.green("✓ the same")} — ${names}\n`
            : `${colors.red("✗ differ")} — ${names}: ${countText(changes)}; ${unchanged} unchanged\n`,
        );
        context.out.write(changesText(changes, flags.all === true, colors));
      }
      end(changes.length === 0 ? EXIT.ok : EXIT.no);
    });
