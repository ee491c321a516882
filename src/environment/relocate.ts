import { existsSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { knownOr, type RunRecord, type VariableFact } from "#record";

/** An environment that a run is to be done again in, instead of the recorded one. */
export interface Place {
  readonly prefix: string;
  readonly python: string;
}

/** Prefixes that hold more than one environment: paths in them are not the environment's. */
const WIDE = new Set(["/", "/usr", "/usr/local", "/opt"]);
const LAUNCHER = /^(?:uv|uvx|poetry|pipenv|pdm|hatch|rye|conda|mamba|micromamba)$/;
const PYTHON = /^(?:python|pypy)[\d.]*$/;

const inside = (path: string, folder: string): boolean => path === folder || path.startsWith(`${folder}/`);

function moved(text: string, from: string, to: string): string {
  if (WIDE.has(from)) return text;
  return text
    .split(":")
    .map((part) => (inside(part, from) ? to + part.slice(from.length) : part))
    .join(":");
}

function programOf(word: string, run: RunRecord, from: string, place: Place): string {
  if (!word.includes("/")) return word;
  const path = resolve(run.command.cwd, word);
  const owned = inside(path, from) && (!WIDE.has(from) || PYTHON.test(basename(path)));
  if (!owned && !PYTHON.test(basename(path))) return word;
  const there = join(place.prefix, "bin", basename(path));
  if (PYTHON.test(basename(path)) && !existsSync(there)) return place.python;
  return there;
}

/**
 * The same run in another environment: a virtual record that names its interpreter and its folders, and no other fact. A
 * replay of it has the recorded command, variables and seeds.
 */
export function inEnvironment(run: RunRecord, place: Place): RunRecord {
  const python = knownOr(run.environment.python, null);
  const from = python?.prefix ?? "";
  const [first = "", ...rest] = run.command.argv;
  const launcher = LAUNCHER.test(basename(first));
  const bin = join(place.prefix, "bin");
  const variables = new Map<string, VariableFact>(
    run.variables.map((fact) => [
      fact.name,
      "value" in fact && from !== "" ? { ...fact, value: moved(fact.value, from, place.prefix) } : fact,
    ]),
  );
  const set = (name: string, value: string): void => void variables.set(name, { name, value });
  const path = variables.get("PATH");
  const folders = (path !== undefined && "value" in path ? path.value : "/usr/local/bin:/usr/bin:/bin").split(":");
  set("PATH", [bin, ...folders.filter((folder) => folder !== bin)].join(":"));
  if (variables.has("VIRTUAL_ENV") || launcher) set("VIRTUAL_ENV", place.prefix);
  if (launcher) {
    // They would make or refresh an environment of their own.
    set("UV_PROJECT_ENVIRONMENT", place.prefix);
    set("UV_NO_SYNC", "1");
  }
  variables.delete("PYTHONHOME");
  const program = launcher ? first : programOf(first, run, from, place);
  const words = rest.map((word) =>
    launcher || from === "" || WIDE.has(from) ? word : moved(word, from, place.prefix),
  );
  const executable = program.includes("/") ? program : join(bin, program);
  return {
    ...run,
    command: {
      ...run.command,
      argv: [program, ...words],
      executable: existsSync(executable) ? executable : run.command.executable,
    },
    variables: [...variables.values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
  };
}
