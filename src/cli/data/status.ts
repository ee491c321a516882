import type { DataStatus } from "#data";
import type { DataVersion, Store } from "#store";
import { type Context, writeJson } from "../context.ts";
import { EXIT } from "../exit-codes.ts";
import { face } from "../face.ts";
import { findPlace, withStore } from "../place.ts";
import { safe } from "../render/escape.ts";
import { plural } from "../render/words.ts";
import type { Define } from "../verb.ts";
import { type Shared, shared } from "./flags.ts";
import { keepMemoryShort } from "./short-lived.ts";
import { changesText, countText, refOf } from "./text.ts";

interface Flags extends Shared {
  readonly all?: true;
}

function asked(store: Store, refs: readonly string[]): DataVersion[] {
  if (refs.length > 0) return refs.map((ref) => store.data.find(ref));
  return [...new Map(store.data.list().map((version) => [version.name, version])).values()];
}

function statusText({ version, path, changes, unchanged }: DataStatus, all: boolean, { out }: Context): string {
  const { colors } = out;
  if (changes === null) return `${colors.red("✗ gone")}       ${refOf(version)}: nothing lies at ${safe(path)}\n`;
  if (changes.length === 0)
    return `${colors.green("✓ unchanged")}  ${refOf(version)}: ${plural(unchanged, "entry", "entries")}\n`;
  const head = `${colors.red("✗ changed")}    ${refOf(version)}: ${countText(changes)}; ${unchanged} unchanged\n`;
  return head + changesText(changes, all, colors);
}

export const defineStatus: Define = (context, end) =>
  shared(
    face(context, "data status", "say what has changed since data was kept", {
      notes: ["Reads only files that do not look as they did when they were read last."],
      examples: [
        ["reprise data status", "the last version of everything"],
        ["reprise data status pets@1", "against an earlier one"],
      ],
      exits: [
        ["0", "all as it was kept"],
        ["1", "something has changed, or is gone"],
      ],
    }).name("status"),
  )
    .argument("[data...]", "NAME, NAME@VERSION or NAME@~N (N before the last)")
    .option("-a, --all", "every change")
    .action(async (refs: readonly string[], flags: Flags) => {
      const { dataStatus } = await import("#data");
      keepMemoryShort();
      const place = await findPlace(context, flags.store, "read");
      const found = await withStore(place, {}, (store) =>
        asked(store, refs).map((version) => dataStatus(store, version)),
      );
      if (flags.json === true) writeJson(context, { format: "reprise/data-status@1", data: found });
      else if (found.length === 0) context.err.write("no data is kept here yet\n  try: reprise data add PATH\n");
      else for (const one of found) context.out.write(statusText(one, flags.all === true, context));
      end(found.every(({ changes }) => changes !== null && changes.length === 0) ? EXIT.ok : EXIT.no);
    });
