import { createHmac, timingSafeEqual } from "node:crypto";
import type { VariableFact } from "#record";
import { isSecretVariable } from "./redact/name.ts";
import type { Redactor } from "./redact/redactor.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** Variables that decide results, by prefix and by name: kept by value. */
const PREFIXES =
  `PYTHON OMP_ GOMP_ KMP_ MKL_ ATEN_ ONEDNN_ DNNL_ OPENBLAS_ BLIS_ VECLIB_ NUMEXPR_ NUMBA_ NPY_ NUMPY_ CUDA_ CUBLAS_ CUDNN_ NVIDIA_
   NCCL_ GLOO_ HIP_ ROCR_ MIOPEN_ HSA_ TORCH PYTORCH_ TRITON_ AOT_ INDUCTOR_ TF_ XLA_ JAX_ KERAS_ FLAX_ LIBTPU_
   TPU_ HF_ TRANSFORMERS_ TOKENIZERS_ DATASETS_ DIFFUSERS_ ACCELERATE_ DEEPSPEED_ DS_ PL_ LIGHTNING_ XGBOOST_
   LIGHTGBM_ POLARS_ RAY_ DASK_ SKLEARN_ SCIPY_ JOBLIB_ LOKY_ HYDRA_ LC_ CONDA_ MALLOC_ GLIBC_ LD_ DYLD_ SLURM_
   OMPI_COMM_ PMI_ VIRTUAL_ENV NODE_ UV_ PIP_ POETRY_ PIPENV_ MPL`.split(/\s+/);
const NAMES = new Set(
  `PATH HOME LANG LANGUAGE TZ CI RANK LOCAL_RANK GROUP_RANK ROLE_RANK WORLD_SIZE LOCAL_WORLD_SIZE MASTER_ADDR MASTER_PORT
   WANDB_MODE WANDB_DISABLED WANDB_SILENT WANDB_PROJECT WANDB_DIR WANDB_NAME MLFLOW_EXPERIMENT_NAME COMET_MODE
   NEPTUNE_MODE TMPDIR TEMP TMP NO_COLOR FORCE_COLOR TERM COLORTERM DISPLAY SDL_VIDEODRIVER QT_QPA_PLATFORM PYGLET_HEADLESS
   MUJOCO_GL NLTK_DATA SEED GLOBAL_SEED DEBUG ENV STAGE XDG_CACHE_HOME SOURCE_DATE_EPOCH OPENCV_FOR_THREADS_NUM
   GOTO_NUM_THREADS RAYON_NUM_THREADS ARROW_NUM_THREADS KERAS_BACKEND DATA_DIR DATA_ROOT DATASET_DIR`
    .split(/\s+/)
    .filter((name) => name !== ""),
);
/** Names that change with every shell, window and login: another value is no news. */
const VOLATILE =
  /^(?:_|PWD|OLDPWD|SHLVL|COLUMNS|LINES|WINDOWID|WINDOW|TMUX\w*|STY|SSH_\w+|GPG_\w+|DBUS_\w+|XDG_\w+|TERM_\w+|VSCODE_\w+|VTE_\w+|KONSOLE_\w+|GNOME_\w+|ITERM_\w+|ALACRITTY_\w+|KITTY_\w+|WEZTERM_\w+|INVOCATION_ID|JOURNAL_STREAM|SYSTEMD_\w+|MEMORY_PRESSURE_\w+|HISTFILE|HISTSIZE|PS1|PROMPT_COMMAND|LS_COLORS|LESS\w*|PAGER|EDITOR|VISUAL|MAIL|LOGNAME|USER|USERNAME|HOSTNAME|HOST|SHELL|npm_\w+|INIT_CWD|NODE|COLOR|REPRISE_\w*|BASH_FUNC_.*)$/;

/** Terraform shares a prefix with TensorFlow, and takes secrets by variables under any name. */
const TERRAFORM = /^TF_(?:VAR_|TOKEN_|CLI_|ENCRYPTION|HTTP_|CLOUD_|WORKSPACE|REATTACH_)/;

function isListed(name: string): boolean {
  if (TERRAFORM.test(name)) return false;
  return NAMES.has(name) || PREFIXES.some((prefix) => name.startsWith(prefix));
}

/** Every variable: those on the list by value unless it holds a secret, all others by keyed digest. */
export function captureVariables(env: Env, key: Uint8Array, redactor: Redactor): VariableFact[] {
  const facts: VariableFact[] = [];
  for (const name of Object.keys(env).sort()) {
    const value = env[name];
    if (value === undefined) continue;
    const hmac = (reason: "secret" | "not on the list"): VariableFact => ({
      name,
      hmac: hmacOf(key, name, value),
      reason,
    });
    const secret = isSecretVariable(name) || redactor.holdsSecret(value) || redactor.holdsSecret(`${name}=${value}`);
    if (secret) facts.push(hmac("secret"));
    else facts.push(isListed(name) ? { name, value } : hmac("not on the list"));
  }
  return facts;
}

function hmacOf(key: Uint8Array, name: string, value: string): string {
  return createHmac("sha256", key).update(`${name}=${value}`).digest("hex");
}

export interface RestoredVariables {
  readonly env: Record<string, string>;
  /** Set then, and not to be had now. */
  readonly missing: string[];
  /** Another value now; what was then is not known. */
  readonly changed: string[];
  /** Known by name only: the key of their digests is another machine's. */
  readonly unknown: string[];
}

/**
 * The recorded environment again: recorded values, and present ones where only a keyed digest was kept. Without the key
 * (null: the run was recorded elsewhere) nobody can tell whether those are the same.
 */
export function restoreVariables(
  facts: readonly VariableFact[],
  present: Env,
  key: Uint8Array | null,
): RestoredVariables {
  const restored: RestoredVariables = { env: {}, missing: [], changed: [], unknown: [] };
  for (const fact of facts) {
    if ("value" in fact) {
      restored.env[fact.name] = fact.value;
      continue;
    }
    const now = present[fact.name];
    const volatile = VOLATILE.test(fact.name);
    if (now !== undefined) restored.env[fact.name] = now;
    if (volatile) continue;
    if (key === null) restored.unknown.push(fact.name);
    else if (now === undefined) restored.missing.push(fact.name);
    else if (!sameHmac(hmacOf(key, fact.name, now), fact.hmac)) restored.changed.push(fact.name);
  }
  return restored;
}

function sameHmac(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}
