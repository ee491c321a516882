import { writeJson } from "../context.ts";
import { diagnose } from "../doctor.ts";
import { EXIT } from "../exit-codes.ts";
import { face } from "../face.ts";
import { findPlace } from "../place.ts";
import { doctorText } from "../render/doctor.ts";
import type { Define } from "../verb.ts";

interface Flags {
  readonly store?: string;
  readonly json?: true;
}

export const defineDoctor: Define = (context, end) =>
  face(context, "doctor", "say what works here and what will be unknown", {
    notes: ["With a COMMAND it says whether that one's interpreter lets the agent in. The command itself is not run."],
    examples: [
      ["reprise doctor", ""],
      ["reprise doctor -- python train.py", "with the interpreter of that command"],
    ],
    exits: [
      ["0", "nothing is broken (something may still be unknown)"],
      ["1", "a run could not be recorded here"],
    ],
  })
    .usage("[options] [--] [COMMAND…]")
    .argument("[command...]", "a command as it would be given to run")
    .passThroughOptions()
    .option("--store <dir>", "the folder that keeps the runs")
    .option("--json", "one JSON document on standard output")
    .action(async (argv: string[], flags: Flags) => {
      const place = await findPlace(context, flags.store, "write");
      const checks = await diagnose(context, place, argv);
      if (flags.json === true) writeJson(context, { format: "reprise/doctor@1", checks });
      else context.out.write(doctorText(checks, context.out));
      end(checks.some(({ state }) => state === "broken") ? EXIT.no : EXIT.ok);
    });
