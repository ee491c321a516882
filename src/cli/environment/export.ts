import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import type { Command } from "commander";
import type { EnvironmentFormat, ExportedEnvironment } from "#environment";
import { isUnknown, RepriseError } from "#record";
import { type Context, writeJson } from "../context.ts";
import { EXIT } from "../exit-codes.ts";
import { face } from "../face.ts";
import { nearest } from "../nearest.ts";
import { findPlace, withStore } from "../place.ts";
import { safe } from "../render/escape.ts";
import { watched } from "../watched.ts";
import { notRecorded } from "./check.ts";

interface Flags {
  readonly as: EnvironmentFormat;
  readonly output?: string;
  readonly base?: string;
  readonly offline?: true;
  readonly force?: true;
  readonly store?: string;
  readonly quiet?: true;
  readonly json?: true;
}

/** Known here as well, so that help and completion need not load the room. */
const FORMATS: readonly EnvironmentFormat[] = [
  "requirements",
  "conda",
  "uv",
  "poetry",
  "dockerfile",
  "compose",
  "devcontainer",
  "apptainer",
];

function formatOf(text: string): EnvironmentFormat {
  const format = FORMATS.find((known) => known === text);
  if (format !== undefined) return format;
  const meant = nearest(text, FORMATS);
  const hint = meant === undefined ? `there are ${FORMATS.join(", ")}` : `--as ${meant}`;
  throw new RepriseError("USAGE", "usage", `--as ${text}: no such format`, hint);
}

/** All or none: a file that is there already is not written over unasked. */
function write({ files }: ExportedEnvironment, folder: string, force: boolean, context: Context): void {
  const target = resolve(context.cwd, folder);
  const there = files.map(({ path }) => join(target, path)).find((path) => existsSync(path));
  if (there !== undefined && !force)
    throw new RepriseError(
      "OUTPUT_EXISTS",
      "usage",
      `${relative(context.cwd, there)} is there already`,
      "--force, or another folder",
    );
  try {
    for (const { path, text } of files) {
      mkdirSync(dirname(join(target, path)), { recursive: true });
      writeFileSync(join(target, path), text);
    }
  } catch (error) {
    const what = `${folder} cannot be written: ${(error as Error).message}`;
    throw new RepriseError("OUTPUT_UNWRITABLE", "storage", what, `ls -ld '${folder}'`, { cause: error });
  }
}

export function defineExport(context: Context, end: (code: number) => void): Command {
  return face(context, "env export", "write a recorded environment for another tool", {
    notes: [
      `Formats: ${FORMATS.join(", ")}.`,
      "Without --output the file is printed; one that needs others beside it says so. The index is asked for hashes.",
    ],
    examples: [
      ["reprise env export --as requirements > requirements.txt", "with the hashes of every file"],
      ["reprise env export baseline --as dockerfile --output docker", "Dockerfile and requirements.txt"],
      ["reprise env export --as compose --output . --base python:3.11.2-slim@sha256:…", ""],
    ],
    exits: [["0", "written; what could not be pinned is said on standard error"]],
  })
    .name("export")
    .argument("[run]", "RUN: an id, a part of one, a name, @last, @last~N", "@last")
    .requiredOption("--as <format>", FORMATS.join(", "), formatOf)
    .option("-o, --output <dir>", "the folder that the files are written into")
    .option("--base <image>", "the image that containers begin with (default: Python's official one)")
    .option("--offline", "ask nobody: no hashes, no digest of the image")
    .option("--force", "write over files that are there")
    .option("--store <dir>", "the folder that keeps the runs")
    .option("-q, --quiet", "say nothing besides errors")
    .option("--json", "one JSON document on standard output")
    .action(async (ref: string, flags: Flags) => {
      const { environmentRecipe, exportEnvironment, objectsOf } = await import("#environment");
      const place = await findPlace(context, flags.store, "read");
      if (flags.output === "") throw new RepriseError("USAGE", "usage", "--output needs a folder", "--output docker");
      const code = await withStore(place, { readonly: true }, async (store) => {
        const run = store.runs.get(ref);
        const recipe = environmentRecipe(run);
        if (isUnknown(recipe)) throw notRecorded(run.id, recipe.unknown);
        const { as: format, base } = flags;
        const online = flags.offline !== true;
        const common = {
          run,
          recipe,
          format,
          env: context.env,
          online,
          readObject: objectsOf(store),
          ...(base === undefined ? {} : { base }),
        };
        const found = await watched(flags.quiet === true, context, (onProgress) =>
          exportEnvironment({ ...common, onProgress }),
        );
        if (found === null) return EXIT.interrupted;
        const [main, ...rest] = found.files;
        if (flags.output !== undefined) write(found, flags.output, flags.force === true, context);
        if (flags.json === true)
          writeJson(context, { format: "reprise/env-export@1", run: run.id, as: format, ...found });
        else if (flags.output === undefined) context.out.raw(Buffer.from(main.text));
        if (flags.quiet !== true) {
          for (const note of found.notes) context.err.write(`reprise: ${safe(note)}\n`);
          if (flags.output === undefined && flags.json !== true && rest.length > 0)
            context.err.write(
              `reprise: it needs ${rest.map(({ path }) => path).join(" and ")} beside it: --output DIR writes all\n`,
            );
        }
        return EXIT.ok;
      });
      end(code);
    });
}
