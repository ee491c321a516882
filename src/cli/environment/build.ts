import type { Command } from "commander";
import { type Context, writeJson } from "../context.ts";
import { EXIT } from "../exit-codes.ts";
import { face } from "../face.ts";
import { findPlace, withStore } from "../place.ts";
import { watched } from "../watched.ts";
import { cacheOf } from "./place.ts";

interface Flags {
  readonly store?: string;
  readonly quiet?: true;
  readonly json?: true;
}

export function defineBuild(context: Context, end: (code: number) => void): Command {
  return face(context, "env build", "build the environment of a recorded run again, and print its folder", {
    notes: [
      "What cannot be had is named before anything is built. It is built once, in $XDG_CACHE_HOME/reprise/environments",
      "(~/.cache), and shared by all runs that ask for the same.",
    ],
    examples: [
      ["reprise env build", "the last run's"],
      ['"$(reprise env build baseline)"/bin/python', "its interpreter"],
    ],
    exits: [
      ["0", "it is there; what the run used is as recorded"],
      ["1", "it is there, and something that the run used differs"],
      ["6", "it cannot be had here, and why"],
      ["130", "stopped by Ctrl-C"],
    ],
  })
    .name("build")
    .argument("[run]", "RUN: an id, a part of one, a name, @last, @last~N", "@last")
    .option("--store <dir>", "the folder that keeps the runs")
    .option("-q, --quiet", "no progress on standard error")
    .option("--json", "one JSON document on standard output")
    .action(async (ref: string, flags: Flags) => {
      const { digestsBy, objectsOf, rebuildEnvironment } = await import("#environment");
      const place = await findPlace(context, flags.store, "read");
      const code = await withStore(place, {}, async (store) => {
        const run = store.runs.get(ref);
        const rebuilt = await watched(flags.quiet === true, context, (onProgress) =>
          rebuildEnvironment({
            run,
            cache: cacheOf(context),
            env: context.env,
            digest: digestsBy(store),
            readObject: objectsOf(store),
            onProgress,
          }),
        );
        if (rebuilt === null) return EXIT.interrupted;
        const { prefix, python, fresh, installer, left, report } = rebuilt;
        if (flags.json === true)
          writeJson(context, {
            format: "reprise/env-build@1",
            run: run.id,
            prefix,
            python,
            fresh,
            installer,
            left,
            report,
          });
        else context.out.write(`${prefix}\n`);
        return report.usedSame ? EXIT.ok : EXIT.no;
      });
      end(code);
    });
}
