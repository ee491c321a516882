import { moduleIn } from "./imports.ts";
import { type FixQuestion, typed } from "./question.ts";
import { type Call, callsIn, findCall, withArguments, withCall, withKeyword } from "./rewrite.ts";

/** Constructors of generators: what to write instead of the call, and of which module. */
const MADE: readonly (readonly [RegExp, string, string])[] = [
  [/default_rng$/, "numpy", "random.default_rng(42)"],
  [/RandomState$/, "numpy", "random.RandomState(42)"],
  [/SeedSequence$/, "numpy", "random.SeedSequence(42)"],
  [/numpy.*\.(PCG64DXSM|PCG64|MT19937|Philox|SFC64)$/, "numpy", "random.default_rng(42)"],
  [/random\.Random$/, "random", "Random(42)"],
  [/torch\.Generator/, "torch", "Generator().manual_seed(42)"],
  [/tensorflow.*\.Generator/, "tensorflow", "random.Generator.from_seed(42)"],
];

/** Global generators. */
const GLOBAL: Readonly<Record<string, readonly [string, string]>> = {
  torch: ["torch", "manual_seed(42)"],
  "torch.seed": ["torch", "manual_seed(42)"],
  numpy: ["numpy", "random.seed(42)"],
  "numpy.random.seed": ["numpy", "random.seed(42)"],
  random: ["random", "seed(42)"],
  "random.seed": ["random", "seed(42)"],
  tensorflow: ["tensorflow", "random.set_seed(42)"],
};

const KERAS = ["keras", "utils.set_random_seed(42)"] as const;

/** Generators that take a seed as their first argument. */
const GENERATOR = /(?:^|\.)(default_rng|RandomState|SeedSequence|Random|PCG64|PCG64DXSM|MT19937|Philox|SFC64)$/;
/** What takes random_state: functions and classes of scikit-learn that draw, and pandas' sample. */
const TAKES_STATE =
  /(?:^|\.)(train_test_split|shuffle|resample|sample|make_\w+|permutation_importance|KMeans|MiniBatchKMeans|GaussianMixture|PCA|TruncatedSVD|TSNE|UMAP|LogisticRegression|SGD\w+|MLP\w+|RandomForest\w+|ExtraTree\w*|DecisionTree\w+|GradientBoosting\w+|HistGradientBoosting\w+|AdaBoost\w+|Bagging\w+|IsolationForest|Perceptron|PassiveAggressive\w+|LinearSVC|SVC|ShuffleSplit|StratifiedShuffleSplit|GroupShuffleSplit|RandomizedSearchCV|XGB\w+|LGBM\w+)$/;
/** Estimators that draw when something else fits them, perhaps in another process, where a global seed does not reach. */
const ESTIMATOR =
  /(?:^|\.)(KMeans|MiniBatchKMeans|GaussianMixture|SGD\w+|MLP\w+|RandomForest\w+|ExtraTree\w*|DecisionTree\w+|GradientBoosting\w+|HistGradientBoosting\w+|AdaBoost\w+|Bagging\w+|IsolationForest|Perceptron|PassiveAggressive\w+|LinearSVC)$/;
const FITS_OTHERS =
  /\b(cross_val\w+|cross_validate|learning_curve|validation_curve|permutation_test_score|\w+SearchCV|Parallel)\(|\.fit\w*\(/;

const onOneLine = (text: string): string =>
  text
    .replace(/\s*\n\s*/g, " ")
    .replace(/([([{]) /g, "$1")
    .replace(/ ([)\]}])/g, "$1")
    .replace(/,([)\]}])/g, "$1");

/** The whole statement that a call of the file stands in, mended and on one line, and which line that is. */
function statement(text: string, call: Call, name: string, value: string): string | null {
  const mended = withKeyword(text, call, name, value);
  if (mended === null) return null;
  const from = text.lastIndexOf("\n", call.start) + 1;
  const grown = call.close + (mended.length - text.length);
  const end = mended.indexOf("\n", grown);
  const line = text.slice(0, call.start).split("\n").length;
  return `${onOneLine(mended.slice(from, end === -1 ? undefined : end)).trim()}  # line ${line}`;
}

function statements(text: string, calls: RegExp, name: string, value: string): string[] {
  return callsIn(text, calls).flatMap((call) => statement(text, call, name, value) ?? []);
}

const SEARCH_SAMPLER = "optuna.samplers.TPESampler(seed=42)";

/** A generator that a library made for the user follows no global seed: only the library's own option sets it. */
function ofLibrary(library: string, { text = null }: FixQuestion): string[] {
  if (library === "optuna")
    return text === null ? [] : statements(text, /(?:^|\.)create_study$/, "sampler", SEARCH_SAMPLER).slice(0, 1);
  if (library === "gymnasium" || library === "gym") return ["env.reset(seed=42)  # at the first reset only"];
  return [];
}

const command = (question: FixQuestion): string[] => typed("reprise run --seed 42 --", question);

/** Before the line where that runs once, else at the start: a seed inside a function would draw the same again and again. */
function globally([module, rest]: readonly [string, string], question: FixQuestion): string {
  const { source, text = null } = question;
  // A program that knows Keras and not TensorFlow below it.
  if (module === "tensorflow" && (text === null || moduleIn(text, module).needs !== ""))
    return globally(KERAS, question);
  if (source !== null && /^\s/.test(source)) {
    const alone = moduleIn("", module);
    return `${alone.needs}; ${alone.name}.${rest}  # once, at the start of the program`;
  }
  const { name, needs } = moduleIn(text, module);
  const seed = `${needs === "" ? "" : `${needs}; `}${name}.${rest}`;
  return source === null ? seed : `${seed}  # before: ${source.trim()}`;
}

/** What to paste so that a generator draws the same again, each an alternative. */
export function seeding(question: FixQuestion): string[] {
  const { call, source, text = null } = question;
  const named = /^reprise\.seed\("(.+)"\)$/.exec(call)?.[1];
  if (named !== undefined) return typed(`reprise run --seed ${named}=42 --`, question);
  const library = /\((\w+)\)$/.exec(call)?.[1];
  if (library !== undefined) return [...ofLibrary(library, question), ...command(question)];
  const generator = source === null ? null : findCall(source, GENERATOR);
  if (source !== null && generator !== null && /^(seed\s*=\s*)?(None)?$/.test(generator.inside))
    return [withArguments(source, generator, "42").trim()];
  if (source !== null && call.endsWith(".seed")) {
    // A seed before it would be undone by it.
    const anew = findCall(source, /(?:^|\.)seed$/);
    const name = call === "torch.seed" ? "manual_seed" : "seed";
    if (anew !== null)
      return [withCall(source, anew, `${source.slice(anew.start, anew.open).replace(/seed$/, name)}(42)`).trim()];
  }
  const taking = source === null || !call.startsWith("numpy") ? null : findCall(source, TAKES_STATE);
  const given = source === null || taking === null ? null : withKeyword(source, taking, "random_state", "42");
  if (given !== null) return [given.trim()];
  if (call === "numpy" && text !== null && source !== null && FITS_OTHERS.test(source)) {
    const mended = statements(text, ESTIMATOR, "random_state", "42");
    if (mended.length > 0) return [mended.join("\n")];
  }
  const global = GLOBAL[call];
  if (global !== undefined) return [globally(global, question), ...command(question)];
  const made = MADE.find(([pattern]) => pattern.test(call));
  if (made === undefined) return command(question);
  return [`${moduleIn(text, made[1]).name}.${made[2]}`, ...command(question)];
}
