import { canonicalJson, digestOf, type HardwareFacts, isUnknown, knownOr, type RunRecord } from "#record";
import type { Golden, Machine } from "./golden/golden.ts";

export function machineOf({ os, cpu, gpus }: HardwareFacts): Machine {
  const named = isUnknown(gpus) ? [] : gpus.map(({ name }) => name);
  return { os, cpu: cpu.model, gpus: named.length === 0 ? "none" : named.join(", ") };
}

/** By how a path reads on another machine: inside of the project as it is, at home from there. */
const HOME = /^\/(?:home|Users)\/[^/]+\/|^\/root\//;
const MOST_INPUTS = 200;

/** Code is what was imported; what the run wrote itself is a result, also where it lay there before. All else is data. */
function inputsOf(run: RunRecord, files: Readonly<Record<string, string>>): Record<string, string> {
  const written = new Set(knownOr(run.outputs, []).map(({ path }) => path));
  const named = knownOr(run.inputs, [])
    .flatMap(({ path, scope, digest }) =>
      scope === "temporary" || path in files || written.has(path) || isUnknown(digest)
        ? []
        : [[scope === "project" ? path : path.replace(HOME, "~/"), digest] as const],
    )
    .toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  if (named.length <= MOST_INPUTS) return Object.fromEntries(named);
  return { [`(${named.length} files)`]: digestOf(canonicalJson(named)) };
}

function filesOf(run: RunRecord): Record<string, string> {
  return Object.fromEntries(
    knownOr(run.modules, []).flatMap(({ path, digest }) => (isUnknown(digest) ? [] : [[path, digest]])),
  );
}

/** What numerical libraries look at; the other variables are a machine's own. */
const READ_BY_LIBRARIES =
  /^(?:OMP|MKL|OPENBLAS|BLIS|NUMEXPR|VECLIB|CUDA|CUBLAS|CUDNN|NCCL|TORCH|PYTORCH|TF|XLA|JAX|TOKENIZERS|ATEN|ONEDNN|DNNL)_/;

type Made = Pick<
  Golden,
  "commit" | "dirty" | "reprise" | "environment" | "python" | "machine" | "files" | "inputs" | "packages" | "variables"
>;

/** What a run was made of, as far as a golden pins it. */
export function madeOf(run: RunRecord): Made {
  const code = isUnknown(run.code) || run.code.kind !== "git" ? null : run.code;
  const python = knownOr(run.environment.python, null);
  const packages = python === null ? [] : knownOr(python.packages, []);
  const files = filesOf(run);
  const all = packages.map(({ name, version }) => `${name}==${version}`).sort();
  return {
    commit: code?.commit ?? null,
    dirty: code === null || code.diff !== undefined || code.submodules.some(({ dirty }) => dirty),
    reprise: run.version,
    environment: python === null ? null : digestOf([python.version, ...all].join("\n")),
    python: python?.version ?? null,
    machine: machineOf(run.hardware),
    files,
    inputs: inputsOf(run, files),
    variables: Object.fromEntries(
      run.variables.flatMap((fact) =>
        "value" in fact && READ_BY_LIBRARIES.test(fact.name) ? [[fact.name, fact.value]] : [],
      ),
    ),
    packages: Object.fromEntries(
      packages.filter(({ imported }) => imported).map(({ name, version }) => [name, version]),
    ),
  };
}
