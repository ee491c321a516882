import { basename } from "node:path";
import type { Param } from "#record";

const SCRIPT = /\.(?:py|ipynb|jl|r|js|mjs|ts|sh|rb|lua|pl)$/i;
const PYTHON = /^(?:python|pypy)[\d.]*$/;
const OVERRIDE = /^(?:\+{1,2})?([A-Za-z_][\w.@/-]*)=(.*)$/s;
/** What the interpreter takes before the script, with a value of its own. */
const WITH_VALUE = /^-[WX]$/;

/** Parameters on the command line, after the script's name: --lr 0.1, --lr=0.1, flags as "true", Hydra's lr=0.1. */
export function parseParams(argv: readonly string[]): Param[] {
  const params: Param[] = [];
  const words = argv.slice(firstArgument(argv));
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? "";
    if (word === "--") continue;
    const flag = /^--?([A-Za-z][^=\s]*)(?:=(.*))?$/s.exec(word);
    if (flag === null) {
      const override = OVERRIDE.exec(word);
      if (override !== null) params.push(param(override[1], override[2]));
      continue;
    }
    if (flag[2] !== undefined) {
      params.push(param(flag[1], flag[2]));
      continue;
    }
    const values: string[] = [];
    while (isValue(words[i + 1])) values.push(words[++i] ?? "");
    params.push(param(flag[1], values.length === 0 ? "true" : values.join(" ")));
  }
  return params;
}

function param(name = "", value = ""): Param {
  return { name, value, origin: "argument" };
}

function isValue(word: string | undefined): boolean {
  if (word === undefined || OVERRIDE.test(word)) return false;
  return !word.startsWith("-") || /^-[\d.]/.test(word) || word === "-";
}

/** Launchers such as torchrun come before the script; `-m module` and `-c text` stand for one. */
function firstArgument(argv: readonly string[]): number {
  const isPython = PYTHON.test(basename(argv[0] ?? ""));
  let start = 1;
  if (isPython) {
    for (let i = 1; i < argv.length; i++) {
      const word = argv[i] ?? "";
      if (word === "-m" || word === "-c") {
        start = i + 2;
        break;
      }
      if (!word.startsWith("-")) return i + 1;
      if (WITH_VALUE.test(word)) i++;
    }
  }
  const script = argv.findIndex((word, index) => index >= start && SCRIPT.test(word) && !word.includes("="));
  const isLauncher = script > 0 && argv.slice(start, script).every((word) => !OVERRIDE.test(word));
  return isLauncher && isLauncherName(argv, start) ? script + 1 : start;
}

function isLauncherName(argv: readonly string[], start: number): boolean {
  const name = basename(argv[0] ?? "");
  const module = argv[start - 1] ?? "";
  return (
    /^(?:torchrun|accelerate|deepspeed|horovodrun|mpirun|mpiexec|srun|env|nohup|nice|time|taskset|numactl|xvfb-run|uv|uvx|poetry|pipenv|pdm|hatch|conda|mamba|micromamba|coverage|bash|sh|node|Rscript|julia|stdbuf|setarch|ipython|jupyter)$/.test(
      name,
    ) || /^(?:torch\.distributed\.(?:run|launch)|accelerate\.|cProfile|pdb|coverage|trace)/.test(module)
  );
}
