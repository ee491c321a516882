import { expect, test } from "vitest";
import { fixes } from "#diagnose";
import type { CauseKind } from "#record";

const mended = (kind: CauseKind, call: string, source: string | null): string | undefined =>
  fixes({ kind, call, source })[0];

test.each<[CauseKind, string, string, string]>([
  ["unseeded-rng", "numpy.random.default_rng", "    rng = np.random.default_rng()", "rng = np.random.default_rng(42)"],
  ["unseeded-rng", "random.Random", "r = random.Random(None).random()", "r = random.Random(42).random()"],
  [
    "unseeded-rng",
    "numpy",
    "a, b = train_test_split(X, y, test_size=0.2)",
    "a, b = train_test_split(X, y, test_size=0.2, random_state=42)",
  ],
  [
    "unseeded-rng",
    "numpy",
    "clf = MLPClassifier((8, 8), random_state=None)",
    "clf = MLPClassifier((8, 8), random_state=42)",
  ],
  ["unseeded-rng", "numpy", 'df = df.sample(frac=1)  # "all"', 'df = df.sample(frac=1, random_state=42)  # "all"'],
  ["unseeded-rng", "torch", "w = torch.randn(3)", "torch.manual_seed(42)  # before: w = torch.randn(3)"],
  ["hash-order", "", "for name in {a, b}:", "for name in sorted({a, b}):"],
  ["hash-order", "", "names = list(set(words))", "names = sorted(set(words))"],
  ["hash-order", "", "for i, w in enumerate(set(words)):", "for i, w in enumerate(sorted(set(words))):"],
  ["hash-order", "", "slot = hash(word) % 64", "slot = zlib.crc32(repr(word).encode()) % 64"],
  ["listing-order", "os.listdir", "for n in os.listdir(join('a)', b)):", "for n in sorted(os.listdir(join('a)', b))):"],
  ["listing-order", "pathlib.glob", "files = Path('d').glob('*')", "files = sorted(Path('d').glob('*'))"],
  [
    "listing-order",
    "pathlib.iterdir",
    "n = len(list(a['x'](1).p.iterdir()))",
    "n = len(list(sorted(a['x'](1).p.iterdir())))",
  ],
  ["wall-clock", "time.time_ns", "random.seed(time.time_ns())", "random.seed(42)"],
  ["os-entropy", "os.urandom", "key = os.urandom(8)", "key = random.Random(42).randbytes(8)"],
  ["uninitialised-memory", "", "h = torch.empty(3, 4)", "h = torch.zeros(3, 4)"],
  ["data-order", "", "p = max(names, key=os.path.getmtime)", "p = max(names)"],
  ["worker-order", "", "for f in as_completed(futures):", "for f in futures:"],
  ["worker-order", "", "m = Doc2Vec(d, workers=4, seed=1)", "m = Doc2Vec(d, workers=1, seed=1)"],
])("%s by %s: %s → %s", (kind, call, source, line) => {
  expect(mended(kind, call, source)).toBe(line);
});

test("where the line is not known, or brackets go on behind it, the fix is general and no line is invented", () => {
  expect(mended("unseeded-rng", "numpy.random.default_rng", null)).toBe("np.random.default_rng(42)");
  expect(mended("unseeded-rng", "numpy", "a, b = train_test_split(")).toBe(
    "np.random.seed(42)  # before: a, b = train_test_split(",
  );
  expect(mended("hash-order", "", "x = compute()")).toBe("sorted(the_set)");
  expect(mended("listing-order", "os.walk", "for a, b, c in os.walk(d):")).toMatch(/files\.sort\(\)/);
  expect(fixes({ kind: "code", call: "", source: "x = 1" })).toEqual([]);
});
