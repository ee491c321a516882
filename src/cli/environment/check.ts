import type { Command } from "commander";
import { isUnknown, RepriseError } from "#record";
import { type Context, writeJson } from "../context.ts";
import { EXIT } from "../exit-codes.ts";
import { face } from "../face.ts";
import { findPlace, withStore } from "../place.ts";
import { presentPython } from "./place.ts";
import { type CheckDocument, checkText } from "./text.ts";

interface Flags {
  readonly python?: string;
  readonly store?: string;
  readonly json?: true;
}

export function defineCheck(context: Context, end: (code: number) => void): Command {
  return face(context, "env check", "say what would differ from a recorded run if it were done here and now", {
    notes: [
      "Compares interpreter, packages, loaded libraries, machine and variables. What the run did not import stands apart:",
      "it seldom matters, but a package that was not there then can be found now.",
    ],
    examples: [
      ["reprise env check", "the last run, with the Python that its command would have here"],
      ["reprise env check baseline --python .venv/bin/python", ""],
    ],
    exits: [
      ["0", "the same"],
      ["1", "something differs, or could not be compared"],
    ],
  })
    .name("check")
    .argument("[run]", "RUN: an id, a part of one, a name, @last, @last~N", "@last")
    .option("--python <path>", "the interpreter to compare with")
    .option("--store <dir>", "the folder that keeps the runs")
    .option("--json", "one JSON document on standard output")
    .action(async (ref: string, flags: Flags) => {
      const { compareEnvironment, compareMachine, compareVariables, digestsBy, environmentRecipe, presentEnvironment } =
        await import("#environment");
      const place = await findPlace(context, flags.store, "read");
      const code = await withStore(place, {}, async (store) => {
        const run = store.runs.get(ref);
        const recipe = environmentRecipe(run);
        if (isUnknown(recipe)) throw notRecorded(run.id, recipe.unknown);
        const python = await presentPython(run, flags.python, context);
        const present = await presentEnvironment(python, context.env);
        if (isUnknown(present))
          throw new RepriseError("PYTHON_UNUSABLE", "usage", present.unknown, "--python .venv/bin/python");
        const environment = compareEnvironment(run, present, recipe.platform, digestsBy(store));
        if (isUnknown(environment)) throw notRecorded(run.id, environment.unknown);
        const machine = await compareMachine(run, context.env);
        const variables = compareVariables(run, context.env);
        const same = environment.same && [...machine, ...variables].every(({ state }) => state === "equal");
        const document: CheckDocument = {
          format: "reprise/env-check@1",
          run: run.id,
          python,
          same,
          environment,
          machine,
          variables,
        };
        if (flags.json === true) writeJson(context, document);
        else context.out.write(checkText(document, context.out.colors));
        return same ? EXIT.ok : EXIT.no;
      });
      end(code);
    });
}

export function notRecorded(id: string, why: string): RepriseError {
  return new RepriseError(
    "NOT_RECORDED",
    "missing",
    `the environment of run ${id} is not known: ${why}`,
    `reprise show ${id}`,
  );
}
