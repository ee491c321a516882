import { FOREIGN_TOOLS, type ForeignTool, RepriseError } from "#record";
import { type Context, writeJson } from "../context.ts";
import { EXIT } from "../exit-codes.ts";
import { face } from "../face.ts";
import { nearest } from "../nearest.ts";
import { findPlace, withStore } from "../place.ts";
import { safe } from "../render/escape.ts";
import { plural, shortId } from "../render/words.ts";
import type { Define } from "../verb.ts";

interface Flags {
  readonly into?: string;
  readonly store?: string;
  readonly json?: true;
  readonly quiet?: true;
}

function toolOf(name: string): ForeignTool {
  const tool = FOREIGN_TOOLS.find((one) => one === name.toLowerCase());
  if (tool !== undefined) return tool;
  const meant = nearest(name, FOREIGN_TOOLS) ?? FOREIGN_TOOLS.join("|");
  const message = `runs of '${name}' cannot be imported, but of ${FOREIGN_TOOLS.join(", ")}`;
  throw new RepriseError("USAGE", "usage", message, `reprise import ${meant} DIR`);
}

const SHOWN = 20;

async function act(name: string, path: string, flags: Flags, context: Context): Promise<void> {
  const tool = toolOf(name);
  const { importRuns, TOOL_NAMES } = await import("#imports");
  const place = await findPlace(context, flags.store, "write");
  const runs = await withStore(place, { create: true }, (store) =>
    importRuns({
      tool,
      path,
      cwd: context.cwd,
      store,
      env: context.env,
      version: context.version,
      ...(flags.into === undefined ? {} : { into: flags.into }),
    }),
  );
  if (flags.json === true) return writeJson(context, { format: "reprise/import@1", tool, runs });
  if (flags.quiet === true) return;
  const { colors } = context.out;
  const words = {
    new: colors.green("imported"),
    known: colors.dim("known"),
    changed: colors.yellow("known, changed since"),
  };
  const lines = runs
    .slice(0, SHOWN)
    .map(({ id, foreign, name: own, state }) => `  ${shortId(id)}  ${safe(own ?? foreign)}  ${words[state]}`);
  const count = runs.filter(({ state }) => state === "new").length;
  const changed = runs.find(({ state }) => state === "changed");
  context.out.write(`${plural(count, "run")} of ${TOOL_NAMES[tool]} imported, ${runs.length - count} known before\n`);
  context.out.write(`${lines.join("\n")}\n`);
  if (runs.length > SHOWN) context.out.write(`  … and ${runs.length - SHOWN} more: reprise ls\n`);
  if (changed !== undefined)
    context.out.write(`to take the changes: reprise rm ${shortId(changed.id)}, then import again\n`);
}

export const defineImport: Define = (context, end) =>
  face(context, "import", "take over runs that another tool recorded", {
    notes: [
      "Nothing in the folder is run, no pickle is opened and nothing is changed. A run that is known already is not taken twice.",
    ],
    examples: [
      ["reprise import mlflow mlruns", "a store of files, or mlflow.db"],
      ["reprise import wandb wandb --into sweep-3", "offline runs, with the tag experiment=sweep-3"],
      ["reprise import tensorboard runs", ""],
    ],
    exits: [["0", "imported, or known already"]],
  })
    .argument("<tool>", FOREIGN_TOOLS.join(", "))
    .argument("<dir>", "its folder, or one file of it")
    .option("--into <experiment>", "a tag for all of them: experiment=NAME")
    .option("--store <dir>", "the folder that keeps the runs")
    .option("--json", "one JSON document on standard output")
    .option("-q, --quiet", "say nothing besides errors")
    .action(async (tool: string, dir: string, flags: Flags) => {
      await act(tool, dir, flags, context);
      end(EXIT.ok);
    });
