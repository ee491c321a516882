import { resolve } from "node:path";
import { writeJson } from "../context.ts";
import { EXIT } from "../exit-codes.ts";
import { face } from "../face.ts";
import { findPlace, withStore } from "../place.ts";
import { safe } from "../render/escape.ts";
import type { Define } from "../verb.ts";
import { type Shared, shared, withProgress } from "./flags.ts";
import { refOf, sizeText } from "./text.ts";

interface Flags extends Shared {
  readonly name?: string;
  readonly follow?: true;
}

const NAMED = 3;

export const defineAdd: Define = (context, end) =>
  shared(
    face(context, "data add", "keep a file or folder as the next version of its name", {
      notes: [
        "Content that is kept already costs nothing; tables, text and tar archives are kept in pieces that versions share.",
        "Links inside are kept as links. Pipes, sockets and devices are named and left.",
      ],
      examples: [
        ["reprise data add data/train.csv", "as train.csv@1"],
        ["reprise data add images --name pets", ""],
      ],
      exits: [["0", "kept, or the last version is the same"]],
    }).name("add"),
  )
    .argument("<path>", "a file or a folder")
    .option("--name <name>", "its name (default: that of the file or folder)")
    .option("--follow", "take what links that lead out of it lead to")
    .action(async (path: string, flags: Flags) => {
      const { addData } = await import("#data");
      const place = await findPlace(context, flags.store, "write");
      const added = await withStore(place, { create: true }, (store) =>
        withProgress(context, flags, "keeping", (onProgress) =>
          addData(store, resolve(context.cwd, path), {
            onProgress,
            ...(flags.name === undefined ? {} : { name: flags.name }),
            ...(flags.follow === true ? { follow: true } : {}),
          }),
        ),
      );
      const { version, isNew, left, collisions } = added;
      if (flags.json === true) writeJson(context, { format: "reprise/data-add@1", ...added });
      else
        context.out.write(
          isNew
            ? `kept as ${refOf(version)}: ${sizeText(version)}\n`
            : `nothing new: it is ${refOf(version)}, ${sizeText(version)}\n`,
        );
      if (flags.quiet !== true) {
        for (const { path: name, why } of left.slice(0, NAMED)) context.err.write(`left out: ${safe(name)} (${why})\n`);
        if (left.length > NAMED) context.err.write(`left out: ${left.length - NAMED} more\n`);
        for (const [one, other] of collisions.slice(0, NAMED))
          context.err.write(`one name where case does not count: ${safe(one)}, ${safe(other)}\n`);
      }
      end(EXIT.ok);
    });
