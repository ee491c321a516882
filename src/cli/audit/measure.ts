import { relative, sep } from "node:path";
import type { Command } from "commander";
import type { Initiated } from "#audit";
import { RepriseError } from "#record";
import { type Context, writeJson } from "../context.ts";
import { EXIT } from "../exit-codes.ts";
import { face } from "../face.ts";
import { findPlace, type Place, withStore } from "../place.ts";
import { goldenText } from "./text.ts";
import { lookOf, more, type Shared, shared, shiftsOf, withWork } from "./work.ts";

type End = (code: number) => void;

const wrong = (what: string, hint: string): RepriseError => new RepriseError("USAGE", "usage", what, hint);

function count(text: string): number {
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text);
  throw wrong(`--replays ${text}: not a number of trainings`, "--replays 10");
}

/** Words before `--`, and the command behind it: the parser puts both into one list. */
function split(words: readonly string[], self: Command): { readonly names: string[]; readonly command: string[] } {
  const raw = (self.parent as unknown as { readonly rawArgs?: readonly string[] } | null)?.rawArgs ?? [];
  const at = raw.indexOf("--");
  const behind = at === -1 ? 0 : raw.length - at - 1;
  return { names: words.slice(0, words.length - behind), command: words.slice(words.length - behind) };
}

function oneName(names: readonly string[]): string {
  if (names.length <= 1) return names[0] ?? "default";
  throw wrong(
    `one name, not ${names.join(" ")}; the command stands behind --`,
    `reprise audit init ${names[0]} -- ${names.slice(1).join(" ")}`,
  );
}

async function sayGolden(made: Initiated | null, flags: Shared, context: Context): Promise<number> {
  if (made === null) {
    context.err.write("reprise: stopped; no golden was written\n");
    return EXIT.interrupted;
  }
  const { file, golden, runs, warnings } = made;
  const document = { name: file.name, file: file.path, trainings: runs.map(({ id }) => id), golden, warnings };
  if (flags.json === true) writeJson(context, { format: "reprise/audit-golden@1", ...document });
  else context.out.write(goldenText(made, await shiftsOf(golden), lookOf(context)));
  return EXIT.ok;
}

interface InitFlags extends Shared {
  readonly replays?: number;
  readonly run?: string;
  readonly seed?: string;
  readonly deterministic?: string;
  readonly metric: readonly string[];
}

const measuring = (command: Command): Command =>
  command
    .option("--replays <n>", "trainings in all (default: as many as the tolerances need, 10 at least)", count)
    .option("--run <run>", "RUN: the first training, one that was made")
    .option("--metric <name>", "judge this metric; may be given several times (default: all)", more, []);

/** The folder of the project that the command is run in. */
const workdirOf = ({ cwd }: Context, { project }: Place): string => relative(project, cwd).split(sep).join("/");

export function defineInit(context: Context, end: End): Command {
  const command = face(context, "init", "measure the noise of a training and write it into a golden file", {
    examples: [
      ["reprise audit init -- python train.py", "reprise-audit/default.toml"],
      ["reprise audit init nightly --seed 42 -- python train.py", "the seed is part of the recipe"],
      ["reprise audit init nightly --run @last --metric accuracy", "of a run that was made"],
    ],
    exits: [
      ["0", "the golden file was written"],
      ["130", "stopped by Ctrl-C; nothing was written"],
    ],
  });
  return shared(measuring(command.name("init").usage("[options] [NAME] -- COMMAND [ARGUMENT…]")))
    .argument("[words...]", "NAME (default: default), and behind -- the command")
    .option("--seed <fresh|N|off>", "as for reprise run (default: fresh)")
    .option("--deterministic <off|warn|strict>", "as for reprise run (default: off)")
    .action(async (words: string[], flags: InitFlags, self: Command) => {
      const { names, command: argv } = split(words, self);
      const name = oneName(names);
      if ((argv.length === 0) === (flags.run === undefined))
        throw wrong(
          "audit init takes a command behind --, or --run RUN",
          `reprise audit init ${name} -- python train.py`,
        );
      const [{ initGolden }, { parsePolicy, parseSeed }] = await Promise.all([import("#audit"), import("#run")]);
      const place = await findPlace(context, flags.store, "write");
      const seed = flags.seed ?? place.config.run.seed ?? "fresh";
      parseSeed(seed);
      const deterministic = parsePolicy(flags.deterministic ?? place.config.run.deterministic ?? "off").mode;
      const { metric: metrics, replays } = flags;
      const code = await withStore(place, { create: true }, async (store) => {
        const recipe = { command: argv, workdir: workdirOf(context, place), seed, deterministic };
        const from = flags.run === undefined ? recipe : store.runs.get(flags.run);
        const made = await withWork(context, flags, place, store, (at) =>
          initGolden({ ...at, name, from, metrics, ...(replays === undefined ? {} : { replays }) }),
        );
        return sayGolden(made, flags, context);
      });
      end(code);
    });
}

interface AcceptFlags extends InitFlags {
  readonly reason?: string;
}

export function defineAccept(context: Context, end: End): Command {
  const command = face(context, "accept", "take the present results for right: a new golden, with its reason", {
    notes: ["Measures anew and appends to the golden file; the golden before stays in it."],
    examples: [['reprise audit accept nightly --reason "larger model"', ""]],
    exits: [
      ["0", "the golden was appended"],
      ["2", "also: no reason was given"],
      ["130", "stopped by Ctrl-C; nothing was written"],
    ],
  });
  return shared(measuring(command.name("accept")))
    .argument("[name]", "the golden (default: default)", "default")
    .option("--reason <words>", "why the results may be others from now on")
    .action(async (name: string, flags: AcceptFlags) => {
      const { acceptGolden } = await import("#audit");
      const place = await findPlace(context, flags.store, "write");
      const { replays, metric, reason = "" } = flags;
      const code = await withStore(place, { create: true }, async (store) => {
        const given = {
          ...(replays === undefined ? {} : { replays }),
          ...(metric.length === 0 ? {} : { metrics: metric }),
          ...(flags.run === undefined ? {} : { from: store.runs.get(flags.run) }),
        };
        const made = await withWork(context, flags, place, store, (at) =>
          acceptGolden({ ...at, ...given, name, reason }),
        );
        return sayGolden(made, flags, context);
      });
      end(code);
    });
}
