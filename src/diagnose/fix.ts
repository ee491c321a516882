import type { CauseKind } from "#record";
import { moduleIn, withImports } from "./imports.ts";
import { sortedUse } from "./made-set.ts";
import { type FixQuestion, typed } from "./question.ts";
import { findCall, sortedLoop, withCall, withKeyword } from "./rewrite.ts";
import { seeding } from "./seeding.ts";

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

function entropy({ source, text = null }: FixQuestion): string[] {
  const { name } = moduleIn(text, "random");
  const drawn = `${name}.Random(42)`;
  const uuid = replaced(
    source,
    /(?:^|\.)uuid[14]$/,
    () => `${moduleIn(text, "uuid").name}.UUID(int=${drawn}.getrandbits(128), version=4)`,
  );
  const uuids = uuid.map((line) => withImports(line, text, ["uuid"]));
  const bytes = replaced(source, /(?:^|\.)urandom$/, (inside) => `${drawn}.randbytes(${inside})`);
  const tokens = replaced(source, /(?:^|\.)token_bytes$/, (inside) => `${drawn}.randbytes(${inside || "32"})`);
  const hex = replaced(source, /(?:^|\.)token_hex$/, (inside) => `${drawn}.randbytes(${inside || "32"}).hex()`);
  const numbers = replaced(source, /(?:^|\.)randbelow$/, (inside) => `${drawn}.randrange(${inside})`);
  const bits = replaced(source, /secrets\.randbits$/, (inside) => `${drawn}.getrandbits(${inside})`);
  const all = [...uuids, ...bytes, ...tokens, ...hex, ...numbers, ...bits].map((line) =>
    withImports(line, text, ["random"]),
  );
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
  // gensim's own standard is three workers.
  const model = findCall(line, /(?:^|\.)(Word2Vec|Doc2Vec|FastText|LdaMulticore)$/);
  const alone = model === null ? null : withKeyword(line, model, "workers", "1");
  if (alone !== null) return [alone.trim()];
  const done = findCall(line, /(?:^|\.)as_completed$/);
  if (done !== null) return [withCall(line, done, done.inside).trim()];
  return [
    "executor.map(…) or pool.imap(…), which give results in the order of the work; n_jobs=1 where that is not enough",
  ];
}

/** What is seen to be a set, or may be one; a call of something else is mended where the set is, or not at all. */
const MAYBE_SET = /\b(set|frozenset)\(|\{|\.(union|intersection|difference)\(/;

function hashing(question: FixQuestion): string[] {
  const { source, text = null } = question;
  const hashed = source === null ? null : findCall(source, /^hash$/);
  if (source !== null && hashed !== null) {
    const line = withCall(source, hashed, `${moduleIn(text, "zlib").name}.crc32(repr(${hashed.inside}).encode())`);
    return [withImports(line.trim(), text, ["zlib"])];
  }
  const loop = source === null ? null : sortedLoop(source);
  if (loop !== null) return [loop.trim()];
  const use = source === null ? null : sortedUse(source, text);
  if (use !== null) return [use];
  const outside = typed("PYTHONHASHSEED=0", question);
  const isSet = source !== null && MAYBE_SET.test(source);
  return isSet ? ["sorted(the_set)", ...outside] : [...outside, "sorted(the_set)"];
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
  threads: (question) => [...typed("OMP_NUM_THREADS=1", question), "OMP_NUM_THREADS=1"],
  "address-order": () => [
    "dict.fromkeys(objects) instead of set(objects), or sorted(objects, key=…) by a field of your own; never by id()",
  ],
  "leftover-state": ({ call }) => [
    `keep ${call} in a folder of the run's own, or bring it into a known state before each run`,
  ],
  other: ({ call }) => (call === "os.getpid" ? ["a number of your own in the place of os.getpid()"] : []),
  network: () => ["download it once, keep the file beside the code, and read that"],
};

/** What to paste for a cause, each an alternative: the line itself, mended, where it is known and one line can do it. */
export function fixes(question: FixQuestion): string[] {
  return FIXES[question.kind]?.(question) ?? [];
}
