import { basename } from "node:path";
import { isUnknown, knownOr, type RunRecord } from "#record";

/** Where the project lies in a container. */
export const WORK = "/work";
export const VENV = "/opt/venv";

export interface Container {
  /** Variables that decide results, as the run had them. */
  readonly variables: Readonly<Record<string, string>>;
  /** The run's command, by names and paths that a container has. */
  readonly command: readonly string[];
  readonly workdir: string;
  readonly gpus: boolean;
  readonly labels: Readonly<Record<string, string>>;
}

const DECIDES =
  /^(?:PYTHONHASHSEED|(?:OMP|MKL|OPENBLAS|BLIS|VECLIB|NUMEXPR|NUMBA|GOTO|RAYON|ARROW)_(?:MAX_)?(?:NUM_)?THREADS|OMP_[A-Z_]+|KMP_[A-Z_]+|MKL_[A-Z_]+|OPENBLAS_CORETYPE|ATEN_CPU_CAPABILITY|ONEDNN_[A-Z_]+|CUBLAS_WORKSPACE_CONFIG|CUDA_LAUNCH_BLOCKING|CUDA_MODULE_LOADING|NVIDIA_TF32_OVERRIDE|NCCL_ALGO|NCCL_PROTO|TF_DETERMINISTIC_OPS|TF_CUDNN_DETERMINISTIC|TF_ENABLE_ONEDNN_OPTS|TORCH_[A-Z_0-9]+|PYTORCH_[A-Z_]+|XLA_FLAGS|JAX_[A-Z_]+|KERAS_BACKEND|TOKENIZERS_PARALLELISM|HF_HUB_OFFLINE|TRANSFORMERS_OFFLINE|LANG|LC_ALL|TZ)$/;

/** It would end a line of a Dockerfile. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const LINE_END = /[\u0000-\u001f]/;

function variablesOf(run: RunRecord): Record<string, string> {
  const found: Record<string, string> = {};
  const { locale, timeZone } = run.hardware;
  if (/^[\w.@-]+$/.test(locale)) found["LANG"] = locale;
  if (/^[\w/+-]+$/.test(timeZone)) found["TZ"] = timeZone;
  for (const fact of run.variables)
    if ("value" in fact && DECIDES.test(fact.name) && !LINE_END.test(fact.value)) found[fact.name] = fact.value;
  const { hashSeed } = run.seed;
  if (hashSeed !== null && found["PYTHONHASHSEED"] === undefined) found["PYTHONHASHSEED"] = String(hashSeed);
  return found;
}

const PYTHON = /^(?:python|pypy)[\d.]*$/;

function commandOf(run: RunRecord): string[] {
  const { argv, project } = run.command;
  const prefix = knownOr(run.environment.python, null)?.prefix ?? "";
  return argv.map((word, i) => {
    const name = basename(word);
    if (i === 0 && word.includes("/") && (PYTHON.test(name) || (prefix !== "" && word.startsWith(`${prefix}/bin/`))))
      return PYTHON.test(name) ? "python" : name;
    return word === project ? WORK : word.replaceAll(`${project}/`, `${WORK}/`);
  });
}

export function containerOf(run: RunRecord): Container {
  const gpus = !isUnknown(run.hardware.gpus) && run.hardware.gpus.length > 0;
  const commit = !isUnknown(run.code) && run.code.kind === "git" ? run.code.commit : null;
  return {
    variables: variablesOf(run),
    command: commandOf(run),
    workdir: run.command.workdir === "" ? WORK : `${WORK}/${run.command.workdir}`,
    gpus,
    labels: {
      "org.opencontainers.image.title": `environment of run ${run.id}`,
      ...(commit === null ? {} : { "org.opencontainers.image.revision": String(commit) }),
      "reprise.run": run.id,
    },
  };
}

/** Debian releases that Python's official images are made of. */
const RELEASES: Readonly<Record<string, string>> = { "11": "bullseye", "12": "bookworm", "13": "trixie" };

/** Python's official image of this version, on the recorded release of Debian where it was one. */
export function imageOf(run: RunRecord, version: string): { readonly image: string; readonly note: string | null } {
  const debian = /^Debian GNU\/Linux (\d+)/.exec(run.hardware.os)?.[1];
  const release = RELEASES[debian ?? ""];
  const image = `python:${version}-slim-${release ?? "bookworm"}`;
  const note = `the run was on ${run.hardware.os}; libraries of the system are those of ${image}`;
  return { image, note: release === undefined ? note : null };
}
