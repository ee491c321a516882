import type { CauseKind } from "#record";
import { findCall, sortedLoop, withArguments, withCall, withKeyword } from "./rewrite.ts";

interface FixQuestion {
  readonly kind: CauseKind;
  /** The call by which the user's code brings the cause in, such as "numpy.random.default_rng"; "" when none is known. */
  readonly call: string;
  /** The line of the program, as it stands there; null when it is not to be had. */
  readonly source: string | null;
}

const SEEDED: readonly (readonly [RegExp, string])[] = [
  [/default_rng$/, "np.random.default_rng(42)"],
  [/RandomState$/, "np.random.RandomState(42)"],
  [/SeedSequence$/, "np.random.SeedSequence(42)"],
  [/numpy.*\.(PCG64DXSM|PCG64|MT19937|Philox|SFC64)$/, "np.random.default_rng(42)"],
  [/random\.Random$/, "random.Random(42)"],
  [/torch\.Generator/, "torch.Generator().manual_seed(42)"],
  [/^torch/, "torch.manual_seed(42)"],
  [/^numpy/, "np.random.seed(42)"],
  [/^random/, "random.seed(42)"],
  [/^(tensorflow|keras)/, "keras.utils.set_random_seed(42)"],
];

/** Generators that take a seed as their first argument. */
const GENERATOR = /(?:^|\.)(default_rng|RandomState|SeedSequence|Random|PCG64|PCG64DXSM|MT19937|Philox|SFC64)$/;
/** What takes random_state: functions and classes of scikit-learn that draw, and pandas' sample. */
const TAKES_STATE =
  /(?:^|\.)(train_test_split|shuffle|resample|sample|make_\w+|permutation_importance|KMeans|MiniBatchKMeans|GaussianMixture|PCA|TruncatedSVD|TSNE|UMAP|LogisticRegression|SGD\w+|MLP\w+|RandomForest\w+|ExtraTree\w*|DecisionTree\w+|GradientBoosting\w+|HistGradientBoosting\w+|AdaBoost\w+|Bagging\w+|IsolationForest|Perceptron|PassiveAggressive\w+|LinearSVC|SVC|ShuffleSplit|StratifiedShuffleSplit|GroupShuffleSplit|RandomizedSearchCV|XGB\w+|LGBM\w+)$/;

function seeding({ call, source }: FixQuestion): string[] {
  const generator = source === null ? null : findCall(source, GENERATOR);
  if (source !== null && generator !== null && /^(seed\s*=\s*)?(None)?$/.test(generator.inside))
    return [withArguments(source, generator, "42").trim()];
  const taking = source === null || !call.startsWith("numpy") ? null : findCall(source, TAKES_STATE);
  const given = source === null || taking === null ? null : withKeyword(source, taking, "random_state", "42");
  if (given !== null) return [given.trim()];
  const found = SEEDED.find(([pattern]) => pattern.test(call));
  if (found === undefined) return [];
  const isGlobal = /^(torch|numpy|random|tensorflow|keras)$/.test(call);
  return [isGlobal && source !== null ? `${found[1]}  # before: ${source.trim()}` : found[1]];
}

const LISTING = /(?:^|\.)(listdir|glob|iglob|rglob|iterdir)$/;

function listing({ call, source }: FixQuestion): string[] {
  const found = source === null ? null : findCall(source, LISTING);
  if (source !== null && found !== null) {
    const text = source.slice(found.start, found.close + 1);
    return [withCall(source, found, `sorted(${text})`).trim()];
  }
  const name = call.replace(/^posix\./, "os.");
  if (name === "") return ["sorted(os.listdir(folder))"];
  if (name.endsWith("scandir")) return ["sorted(os.scandir(folder), key=lambda entry: entry.name)"];
  if (name.endsWith("walk")) return ["for root, folders, files in os.walk(top): folders.sort(); files.sort()"];
  return [`sorted(${name}(…))`];
}

function replaced(source: string | null, name: RegExp, text: (inside: string) => string): string[] {
  const found = source === null ? null : findCall(source, name);
  return source === null || found === null ? [] : [withCall(source, found, text(found.inside)).trim()];
}

function entropy({ source }: FixQuestion): string[] {
  const uuid = replaced(
    source,
    /(?:^|\.)uuid[14]$/,
    () => "uuid.UUID(int=random.Random(42).getrandbits(128), version=4)",
  );
  const bytes = replaced(source, /(?:^|\.)urandom$/, (inside) => `random.Random(42).randbytes(${inside})`);
  const tokens = replaced(
    source,
    /secrets\.token_bytes$/,
    (inside) => `random.Random(42).randbytes(${inside || "32"})`,
  );
  const numbers = replaced(source, /secrets\.randbelow$/, (inside) => `random.Random(42).randrange(${inside})`);
  const all = [...uuid, ...bytes, ...tokens, ...numbers];
  return all.length > 0
    ? all.slice(0, 1)
    : ["random.Random(42).randbytes(n) instead of os.urandom(n); a fixed name instead of a uuid"];
}

function clock({ source }: FixQuestion): string[] {
  const fixed = replaced(
    source,
    /(?:^|\.)(time|time_ns|perf_counter|perf_counter_ns|monotonic|monotonic_ns)$/,
    () => "42",
  );
  const seeds = source !== null && /seed/i.test(source);
  return seeds && fixed.length > 0
    ? fixed
    : ["pass the time in as an argument (--date 2026-01-31) instead of reading the clock"];
}

const FRESH: Readonly<Record<string, string>> = {
  empty: "zeros",
  empty_like: "zeros_like",
  new_empty: "new_zeros",
  empty_strided: "zeros",
};

function memory({ source }: FixQuestion): string[] {
  const filled = source?.replace(/\b(empty_like|new_empty|empty)(?=\()/, (name) => FRESH[name] ?? name);
  return filled === undefined || filled === source
    ? ["np.zeros(…) or torch.zeros(…) instead of empty(…)"]
    : [filled.trim()];
}

function workers({ source }: FixQuestion): string[] {
  const line = source ?? "";
  const single = line.replace(/\b(n_jobs|workers|num_workers|max_workers|processes)\s*=\s*[^,)\s]+/, "$1=1");
  if (single !== line) return [single.trim()];
  if (/\bimap_unordered\b/.test(line)) return [line.replace(/\bimap_unordered\b/, "imap").trim()];
  const done = findCall(line, /(?:^|\.)as_completed$/);
  if (done !== null) return [withCall(line, done, done.inside).trim()];
  return [
    "executor.map(…) or pool.imap(…), which give results in the order of the work; n_jobs=1 where that is not enough",
  ];
}

function hashing({ source }: FixQuestion): string[] {
  const hashed = source === null ? null : findCall(source, /^hash$/);
  if (source !== null && hashed !== null)
    return [withCall(source, hashed, `zlib.crc32(repr(${hashed.inside}).encode())`).trim()];
  const loop = source === null ? null : sortedLoop(source);
  return [loop?.trim() ?? "sorted(the_set)"];
}

function times({ source }: FixQuestion): string[] {
  const line = source?.replace(
    /,?\s*key\s*=\s*(lambda \w+: )?os\.(path\.get[mac]time|stat)(\([^)]*\))?(\.st_[mac]time)?/,
    "",
  );
  return line === undefined || line === source
    ? ["sorted(paths) instead of an order by modification time"]
    : [line.trim()];
}

const FIXES: Partial<Record<CauseKind, (question: FixQuestion) => string[]>> = {
  "unseeded-rng": seeding,
  "hash-order": hashing,
  "listing-order": listing,
  "wall-clock": clock,
  "os-entropy": entropy,
  "uninitialised-memory": memory,
  "data-order": times,
  "worker-order": workers,
  threads: () => ["OMP_NUM_THREADS=1"],
  "address-order": () => [
    "dict.fromkeys(objects) instead of set(objects), or sorted(objects, key=…) by a field of your own; never by id()",
  ],
  network: () => ["download it once, keep the file beside the code, and read that"],
};

/** What to paste for a cause, each an alternative: the line itself, mended, where it is known and one line can do it. */
export function fixes(question: FixQuestion): string[] {
  return FIXES[question.kind]?.(question) ?? [];
}
