import { restoreVariables } from "#capture";
import type { CauseKind, RunRecord, VariableFact } from "#record";
import { type Aspect, moved } from "./aspect.ts";
import { type Ingredient, shown, type Unmixable } from "./ingredient.ts";

const THREADS = /(?:^|_)(?:NUM_THREADS|THREADS_NUM|MAX_THREADS|THREAD_LIMIT)$|^(?:OMP|GOMP|KMP)_(?!DISPLAY)/;
const INSTRUCTIONS =
  /^(?:ATEN_CPU_CAPABILITY|ONEDNN_MAX_CPU_ISA|DNNL_MAX_CPU_ISA|MKL_CBWR|MKL_ENABLE_INSTRUCTIONS|OPENBLAS_CORETYPE|NPY_DISABLE_CPU_FEATURES|GLIBC_TUNABLES)$/;

/** Where an interpreter and its packages are found: they go with the interpreter (interpreter.ts). */
export const PLACES_OF_PYTHON: ReadonlySet<string> = new Set(
  "PATH PYTHONHOME PYTHONPATH VIRTUAL_ENV VIRTUAL_ENV_PROMPT CONDA_PREFIX CONDA_DEFAULT_ENV CONDA_EXE CONDA_SHLVL CONDA_PROMPT_MODIFIER CONDA_PYTHON_EXE PYENV_VERSION UV_PROJECT_ENVIRONMENT".split(
    " ",
  ),
);
/** Goes with the seed (entropy.ts). */
const HASH_SEED = "PYTHONHASHSEED";

function kindOf(name: string): CauseKind {
  return INSTRUCTIONS.test(name) ? "hardware" : THREADS.test(name) ? "threads" : "environment-variable";
}

/** Another value in every shell, and no news: restoring it, of which nothing is known now, does not even miss it. */
const isVolatile = (fact: VariableFact | undefined): boolean =>
  fact !== undefined && !("value" in fact) && restoreVariables([fact], {}, new Uint8Array(32)).missing.length === 0;

/** Variables by name. Of those that were kept by a keyed digest it is known that they differ, and no more. */
export function variableAspect(a: RunRecord, b: RunRecord): Aspect {
  const [left, right] = [a, b].map((run) => new Map(run.variables.map((fact) => [fact.name, fact])));
  const ingredients = new Map<Ingredient, VariableFact | null>();
  const unmixable: Unmixable[] = [];
  for (const name of [...new Set([...(left?.keys() ?? []), ...(right?.keys() ?? [])])].sort()) {
    if (name === HASH_SEED || PLACES_OF_PYTHON.has(name)) continue;
    const [x, y] = [left?.get(name), right?.get(name)];
    if (isVolatile(x ?? y) || isVolatile(y ?? x)) continue;
    const from = x !== undefined && "value" in x ? { name, value: moved(x.value, a, b) } : x;
    const say = (fact: VariableFact | undefined): string | null =>
      fact === undefined ? null : "value" in fact ? shown(fact.value) : "not kept";
    const same =
      from === undefined || y === undefined
        ? from === y
        : "value" in from
          ? "value" in y && y.value === from.value
          : !("value" in y) && y.hmac === from.hmac;
    if (same) continue;
    const set = (value: string | null): string => (value === null ? "not set" : value);
    const words = `${name}: ${set(say(from))} → ${set(say(y))}`;
    const ingredient: Ingredient = { kind: kindOf(name), name, file: null, line: null, words, a: say(from), b: say(y) };
    if (from !== undefined && !("value" in from))
      unmixable.push({ ingredient, reason: `the value of ${name} was not kept, only a keyed digest of it` });
    else ingredients.set(ingredient, from ?? null);
  }
  return {
    ingredients: [...ingredients.keys()],
    unmixable,
    apply(choice, draft) {
      for (const [ingredient, fact] of ingredients) {
        if (!choice.has(ingredient)) continue;
        if (fact === null) draft.variables.delete(ingredient.name);
        else draft.variables.set(ingredient.name, fact);
      }
    },
  };
}
