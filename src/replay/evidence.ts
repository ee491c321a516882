import { join } from "node:path";
import { compareMetrics, sharedMetrics } from "#compare";
import { type Comparison, canonicalNames, compareBytes, compareText, linesOf, type Origin } from "#content";
import {
  type Digest,
  type Evidence,
  isUnknown,
  type Known,
  type OutputFile,
  type RunRecord,
  type StreamFact,
} from "#record";
import { wasStopped } from "#run";
import type { ObjectReader } from "#store";
import { referencesEvidence } from "./reference-evidence.ts";
import { isBeside, wayUp } from "./restore/beside.ts";

/** A run with what its results are read by. */
export interface Side {
  readonly run: RunRecord;
  readonly origin: Origin;
  /** The bytes of an object, to be closed; null when they are not to be had. */
  readonly open: (digest: Digest, output?: OutputFile) => ObjectReader | null;
}

/** Larger contents are not held in memory, and checked only when they seem to differ. */
export const MOST_HELD = 16 * 1024 * 1024;

/** What comparing two contents says; nothing when one is not to be had or damaged. Both are closed then. */
function comparing(
  x: ObjectReader | null,
  y: ObjectReader | null,
  compare: (a: Uint8Array | ObjectReader, b: Uint8Array | ObjectReader) => Comparison,
): Comparison | null {
  const held = (reader: ObjectReader) => (reader.length > MOST_HELD ? reader : reader.read(0, reader.length));
  try {
    if (x === null || y === null) return null;
    const found = compare(held(x), held(y));
    // Objects of two names hold the same bytes only where one is damaged.
    const isSound = found.agree && found.how !== "bytes";
    return isSound || (x.intact() && y.intact()) ? found : null;
  } finally {
    x?.close();
    y?.close();
  }
}

function toEvidence(kind: Evidence["kind"], name: string, found: Comparison): Evidence {
  const why = found.difference;
  const agree = found.agree && found.incomplete === undefined;
  return {
    kind,
    name: why === undefined || agree ? name : `${name} (${why.where})`,
    agree,
    how: found.how,
    aside: found.aside,
    a: why?.a ?? null,
    b: why?.b ?? null,
    distance: agree ? 0 : (why?.distance ?? null),
    ...(found.incomplete === undefined ? {} : { unseen: found.incomplete }),
  };
}

/** What could not be looked at, and why. */
const notSeen = (kind: Evidence["kind"], name: string, unseen: string): Evidence => ({
  kind,
  name,
  agree: false,
  how: "bytes",
  aside: [],
  a: null,
  b: null,
  distance: null,
  unseen,
});

/** An imported run of which nobody says how it ended. */
const unsaidEnd = (run: RunRecord): string | undefined =>
  run.status === "unknown" ? (run.imported?.unknown.status ?? "nobody said how it ended") : undefined;

function exitEvidence(a: RunRecord, b: RunRecord): Evidence {
  const unseen = unsaidEnd(a) ?? unsaidEnd(b);
  if (unseen !== undefined) return notSeen("exit", "exit", unseen);
  const say = (run: RunRecord): string | number => run.signal ?? run.exitCode ?? run.status;
  return {
    kind: "exit",
    name: "exit",
    agree: say(a) === say(b) && a.status === b.status,
    how: "bytes",
    aside: [],
    a: say(a),
    b: say(b),
    distance: null,
  };
}

function streamEvidence(
  name: "stdout" | "stderr",
  a: Side,
  b: Side,
  only?: (lines: Iterable<string>) => Iterable<string>,
): Evidence | null {
  const [x, y]: [Known<StreamFact>, Known<StreamFact>] = [a.run[name], b.run[name]];
  if (isUnknown(x) || isUnknown(y)) {
    const reason = isUnknown(x) ? x.unknown : isUnknown(y) ? y.unknown : "";
    return notSeen("stdout", name, reason);
  }
  if (x.bytes === 0 && y.bytes === 0) return null;
  if (x.digest === y.digest)
    return { kind: "stdout", name, agree: true, how: "bytes", aside: [], a: x.digest, b: y.digest, distance: 0 };
  const pick = only ?? ((lines) => lines);
  const found = comparing(a.open(x.digest), b.open(y.digest), (left, right) =>
    compareText(pick(linesOf(left)), pick(linesOf(right)), { a: a.origin, b: b.origin }),
  );
  if (found !== null) return toEvidence("stdout", name, found);
  return {
    kind: "stdout",
    name,
    agree: false,
    how: "bytes",
    aside: [],
    a: x.digest,
    b: y.digest,
    distance: null,
    unseen: "the text of one is gone",
  };
}

/** The last line that says something: of a Python program that failed, the exception and its message. */
function* lastLine(lines: Iterable<string>): Generator<string> {
  let last = "";
  for (const line of lines) if (line.trim() !== "") last = line;
  yield last;
}

function outputEvidence(a: Side, b: Side, left: OutputFile | undefined, right: OutputFile | undefined): Evidence {
  const name = left?.path ?? right?.path ?? "";
  const base = {
    kind: "output" as const,
    name,
    aside: [] as string[],
    a: left === undefined ? null : say(left),
    b: right === undefined ? null : say(right),
  };
  const alone = left === undefined ? right : right === undefined ? left : undefined;
  // Caches and locks under names of their own; what a program leaves there for good it leaves in both runs.
  const side = left === undefined ? b : a;
  if (alone?.scope === "temporary" && !isBeside(side.run, side.origin.roots, alone.path)) {
    return { ...base, agree: true, how: "masked", aside: [`temporary file of one run only: ${name}`], distance: null };
  }
  if (left === undefined || right === undefined)
    return { ...base, name: `${name} (only in one run)`, agree: false, how: "bytes", distance: null };
  const renamed = left.path === right.path ? [] : [`name: ${left.path} / ${right.path}`];
  if (left.change === "removed" || right.change === "removed")
    return { ...base, agree: left.change === right.change, how: "bytes", distance: null };
  if (!isUnknown(left.digest) && left.digest === right.digest)
    return { ...base, aside: renamed, agree: true, how: renamed.length > 0 ? "masked" : "bytes", distance: 0 };
  const unread = (unseen: string): Evidence => ({ ...base, agree: false, how: "bytes", distance: null, unseen });
  if (isUnknown(left.digest) || isUnknown(right.digest)) return unread("not read by one of the runs");
  const compared = comparing(a.open(left.digest, left), b.open(right.digest, right), (x, y) =>
    compareBytes(left.path, x, y, { a: a.origin, b: b.origin }),
  );
  if (compared === null) return unread("bytes differ; the content of one is gone, or cannot be read");
  const found = toEvidence("output", name, compared);
  return {
    ...found,
    aside: [...renamed, ...found.aside],
    ...(found.a === null ? { a: say(left), b: say(right) } : {}),
  };
}

function say(file: OutputFile): string {
  return isUnknown(file.digest) ? file.digest.unknown : file.digest;
}

function outputsEvidence(a: Side, b: Side): Evidence[] {
  const [left, right] = [a.run.outputs, b.run.outputs];
  if (isUnknown(left) || isUnknown(right)) {
    const reason = isUnknown(left) ? left.unknown : isUnknown(right) ? right.unknown : "";
    return [
      {
        kind: "output",
        name: "outputs",
        agree: false,
        how: "bytes",
        aside: [],
        a: null,
        b: null,
        distance: null,
        unseen: reason,
      },
    ];
  }
  // Written by its absolute path, a file of the recorded project is the same result again.
  const recorded = `${a.run.command.project}/`;
  const home = (file: OutputFile): string => {
    const beside = wayUp(b.run, b.origin.roots, file.path);
    if (beside !== null) return join(recorded, beside);
    return file.path.startsWith(recorded) ? file.path.slice(recorded.length) : file.path;
  };
  const [x, y] = [new Map(left.map((file) => [file.path, file])), new Map(right.map((file) => [home(file), file]))];
  return canonicalNames([...x.keys()], [...y.keys()], { a: a.origin, b: b.origin }).map((pair) =>
    outputEvidence(a, b, pair.a === null ? undefined : x.get(pair.a), pair.b === null ? undefined : y.get(pair.b)),
  );
}

/**
 * What the results of two runs say, in the order of trust: exit, metrics, outputs, reference predictions, standard output (docs/verdict.md). Of
 * two failed runs the last line of standard error counts too: it says what failed. Of a replay that was ended at its first
 * divergence only that divergence was seen.
 */
export function gatherEvidence(a: Side, b: Side): Evidence[] {
  const metrics = sharedMetrics(a.run, b.run);
  if (wasStopped(b.run)) {
    return compareMetrics(metrics.a, metrics.b).filter((item) => !item.agree && item.b !== null);
  }
  const stdout = streamEvidence("stdout", a, b);
  const failed =
    a.run.status === "failed" && b.run.status === "failed" ? streamEvidence("stderr", a, b, lastLine) : null;
  return [
    exitEvidence(a.run, b.run),
    ...compareMetrics(metrics.a, metrics.b),
    ...outputsEvidence(a, b),
    ...referencesEvidence(a.run, b.run),
    ...(stdout === null ? [] : [stdout]),
    ...(failed === null
      ? []
      : [
          {
            ...failed,
            kind: "stdout" as const,
            name: `stderr, last line${failed.agree ? "" : ` ${failed.name.replace(/^stderr/, "").trim()}`}`.trim(),
          },
        ]),
  ];
}
