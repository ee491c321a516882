import type { CauseKind, Hold, RunRecord } from "#record";
import { safe } from "./escape.ts";
import { shellLine } from "./words.ts";

export interface Fix {
  /** To paste into the program, each an alternative. */
  readonly code: readonly string[];
  /** To type instead; null: no command can do it. */
  readonly command: string | null;
}

/** The call by which the user's code brings the cause in: "numpy.random.default_rng". */
export function callOf(hold: Hold): string {
  const at = hold.words.indexOf(": ");
  return at === -1 ? "" : hold.words.slice(0, at);
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

function seeding(call: string): string[] {
  const found = SEEDED.find(([pattern]) => pattern.test(call));
  return found === undefined ? [] : [found[1]];
}

function listing(call: string): string[] {
  const name = call.replace(/^posix\./, "os.");
  if (name === "") return ["sorted(os.listdir(folder))"];
  if (name.endsWith("scandir")) return ["sorted(os.scandir(folder), key=lambda entry: entry.name)"];
  if (name.endsWith("walk")) return ["for root, folders, files in os.walk(top): folders.sort(); files.sort()"];
  return [`sorted(${safe(name)}(…))`];
}

const CODE: Partial<Record<CauseKind, (call: string) => readonly string[]>> = {
  "unseeded-rng": seeding,
  "hash-order": () => ["sorted(the_set)"],
  "listing-order": listing,
  "wall-clock": () => ["pass the time in as an argument (--date 2026-01-31) instead of reading the clock"],
  "os-entropy": () => ["np.random.default_rng(42).bytes(n) instead of os.urandom(n); a fixed name instead of a uuid"],
  "uninitialised-memory": () => ["torch.zeros(…) or np.zeros(…) instead of empty(…)"],
  "data-order": () => ["sorted(paths) instead of an order by modification time"],
  threads: () => ["OMP_NUM_THREADS=1"],
};

/** What to paste and what to type, by kind of cause and name of the call. */
export function fixFor(hold: Hold, run: RunRecord): Fix {
  const code = CODE[hold.kind]?.(callOf(hold)) ?? [];
  const seeds = hold.kind === "unseeded-rng" || hold.kind === "hash-order";
  const command = seeds ? `reprise run --seed 42 -- ${safe(shellLine(run.command.argv))}` : null;
  return { code, command };
}
