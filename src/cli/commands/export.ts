import { existsSync, renameSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { RepriseError } from "#record";
import type { Context } from "../context.ts";
import { EXIT } from "../exit-codes.ts";
import { face } from "../face.ts";
import { findPlace, withStore } from "../place.ts";
import { safe } from "../render/escape.ts";
import { bytes, plural, shortId } from "../render/words.ts";
import type { Define } from "../verb.ts";

interface Flags {
  readonly output: string;
  readonly force?: true;
  readonly store?: string;
  readonly quiet?: true;
}

/** Beside itself first: what breaks off leaves no half a file under its name. */
function write(path: string, shown: string, content: Uint8Array, context: Context): void {
  const part = `${path}.part-${process.pid}`;
  try {
    writeFileSync(part, content);
    renameSync(part, path);
  } catch (error) {
    const what = `${shown} cannot be written: ${(error as Error).message}`;
    throw new RepriseError("OUTPUT_UNWRITABLE", "storage", what, `ls -ld '${context.cwd}'`, { cause: error });
  }
}

export const defineExport: Define = (context, end) =>
  face(context, "export", "write a run into one file, for another machine", {
    notes: [
      "The file holds the record (secrets are left out of it as they are of the store), the last verdict, and what its",
      "results hold where they are small. On another machine: reprise verify --against FILE.",
    ],
    examples: [
      ["reprise export @last --output mine.json.gz", ""],
      ["reprise verify --against mine.json.gz", "on the other machine, beside a run of its own"],
    ],
    exits: [
      ["0", "written"],
      ["2", "wrong use: the file is there already, and --force was not said"],
      ["4", "the file cannot be written"],
    ],
  })
    .argument("[run]", "RUN: an id, a part of one, a name, @last, @last~N", "@last")
    .requiredOption("--output <file>", "the file; with .gz at its end it is packed")
    .option("--force", "write over a file that is there")
    .option("--store <dir>", "the folder that keeps the runs")
    .option("-q, --quiet", "say nothing")
    .action(async (ref: string, flags: Flags) => {
      const path = resolve(context.cwd, flags.output);
      if (existsSync(path) && flags.force !== true)
        throw new RepriseError(
          "OUTPUT_EXISTS",
          "usage",
          `${flags.output} is there already`,
          "--force, or another name",
        );
      const place = await findPlace(context, flags.store, "read");
      await withStore(place, { readonly: true }, async (store) => {
        const { exportRun } = await import("#replay");
        const run = store.runs.get(ref);
        const document = exportRun(store, run, context.version);
        const text = Buffer.from(`${JSON.stringify(document, null, 1)}\n`);
        const content = path.endsWith(".gz") ? gzipSync(text) : text;
        write(path, flags.output, content, context);
        if (flags.quiet === true) return;
        const left = document.left.length === 0 ? "" : `; ${plural(document.left.length, "result")} by digest only`;
        context.out.write(`run ${shortId(run.id)} is in ${safe(flags.output)} (${bytes(content.length)}${left})\n`);
      });
      end(EXIT.ok);
    });
