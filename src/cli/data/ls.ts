import { RepriseError } from "#record";
import type { DataVersion, Store } from "#store";
import { writeJson } from "../context.ts";
import { EXIT } from "../exit-codes.ts";
import { face } from "../face.ts";
import { findPlace, withStore } from "../place.ts";
import { safe } from "../render/escape.ts";
import { tableText } from "../render/table.ts";
import { ago, bytes } from "../render/words.ts";
import type { Define } from "../verb.ts";
import { type Shared, shared } from "./flags.ts";
import { refOf } from "./text.ts";

interface Flags extends Shared {
  readonly all?: true;
}

/** Without a name the last version of each. */
function listOf(store: Store, name: string | undefined, all: boolean): DataVersion[] {
  if (name !== undefined) store.data.find(name);
  const found = store.data.list(name);
  if (all || name !== undefined) return found;
  return [...new Map(found.map((version) => [version.name, version])).values()];
}

export const defineDataLs: Define = (context, end) =>
  shared(
    face(context, "data ls", "list the data that is kept", {
      examples: [
        ["reprise data ls", "the last version of each"],
        ["reprise data ls train.csv", "every version of one"],
      ],
      exits: [["0", "listed, even when there is none"]],
    }).name("ls"),
  )
    .argument("[name]", "only this one, with all its versions")
    .option("-a, --all", "all versions of all")
    .action(async (name: string | undefined, flags: Flags) => {
      const place = await findPlace(context, flags.store, "read");
      let versions: DataVersion[] = [];
      try {
        versions = await withStore(place, { readonly: true }, (store) => listOf(store, name, flags.all === true));
      } catch (error) {
        const absent = error instanceof RepriseError && error.code === "STORE_MISSING";
        if (!absent || flags.store !== undefined || name !== undefined) throw error;
      }
      if (flags.json === true) writeJson(context, { format: "reprise/data-ls@1", store: place.store, versions });
      else if (versions.length === 0) context.err.write("no data is kept here yet\n  try: reprise data add PATH\n");
      else {
        const { colors, columns } = context.out;
        const now = Date.now();
        const rows = versions.map((version) => [
          safe(refOf(version)),
          bytes(version.bytes),
          version.kind === "file" ? "file" : String(version.entries),
          ago(version.at, now),
          safe(version.source),
        ]);
        const heads = [
          { name: "DATA" },
          { name: "SIZE", right: true },
          { name: "ENTRIES", right: true },
          { name: "KEPT" },
          { name: "FROM", flexible: true },
        ] as const;
        context.out.write(tableText(heads, rows, { colors, columns }));
      }
      end(EXIT.ok);
    });
