import { comparePredictions, type PredictionsApart, Unreadable } from "#content";
import {
  type Bounds,
  type Digest,
  type Evidence,
  isUnknown,
  type Known,
  type ReferenceVerdict,
  RepriseError,
  type RunRecord,
  type VerifyDocument,
} from "#record";
import type { Store } from "#store";
import { documentOf } from "./document.ts";
import { type LevelOptions, measureReplays } from "./replays.ts";
import { numerical } from "./statistical.ts";

export interface FunctionalOptions extends LevelOptions {
  /** A saved .npy file of predictions among the outputs, besides what the program says by reprise.reference. */
  readonly file: string | null;
  /** With none, no decision may differ. */
  readonly bounds: Bounds;
}

interface Predictions {
  readonly inputs: Known<Digest> | null;
  readonly digest: Known<Digest>;
}

function predictionsOf(run: RunRecord, file: string | null): Map<string, Predictions> {
  const told = (run.references ?? []).map(({ name, inputs, predictions }): [string, Predictions] => [
    name,
    { inputs, digest: isUnknown(predictions) ? predictions : predictions.digest },
  ]);
  const found = file === null || isUnknown(run.outputs) ? undefined : run.outputs.find(({ path }) => path === file);
  const saved: [string, Predictions][] =
    found === undefined ? [] : [[found.path, { inputs: null, digest: found.digest }]];
  return new Map([...told, ...saved]);
}

const blank = {
  nan: 0,
  rows: 0,
  decision: null,
  flips: null,
  firstFlip: null,
  maxAbs: null,
  ulps: null,
  worst: null,
} as const;
const open = (name: string, reason: string): ReferenceVerdict => ({ ...blank, name, verdict: "unknown", reason });

/** Why it is beyond a bound; null: it is within all that were set. */
function beyond({ rows, flips, firstFlip, maxAbs, ulps, decision }: PredictionsApart, bounds: Bounds): string | null {
  // Labels that are text have no distance: no bound but this one speaks of them.
  const isText = maxAbs === null;
  const share = bounds.flips ?? (isText ? 0 : null);
  if (share !== null && flips !== null && flips > share * rows)
    return `${flips} of ${rows} rows are decided otherwise (${decision}), first row ${firstFlip}`;
  if (bounds.maxAbs !== null && maxAbs !== null && maxAbs > bounds.maxAbs)
    return `${maxAbs} apart, and ${bounds.maxAbs} is the most`;
  if (bounds.ulps !== null && !isText && maxAbs !== 0 && (ulps === null || ulps > bounds.ulps))
    return `${ulps ?? "not countable"} ulps apart, and ${bounds.ulps} are the most`;
  return null;
}

function judge(
  name: string,
  a: Predictions,
  b: Predictions | undefined,
  { bounds, decides }: { readonly bounds: Bounds; readonly decides: boolean },
  store: Store,
): ReferenceVerdict {
  if (b === undefined) return { ...blank, name, verdict: "beyond", reason: "a replay gave no such predictions" };
  for (const { digest } of [a, b]) if (isUnknown(digest)) return open(name, digest.unknown);
  if (a.inputs !== null && b.inputs !== null) {
    for (const inputs of [a.inputs, b.inputs]) if (isUnknown(inputs)) return open(name, `inputs: ${inputs.unknown}`);
    if (a.inputs !== b.inputs) return open(name, "a replay predicts for other inputs than the record");
  }
  const [left, right] = [a, b].map(({ digest }) =>
    isUnknown(digest) || !store.objects.has(digest) ? null : store.objects.read(digest),
  );
  if (left === null || right === null || left === undefined || right === undefined)
    return open(name, "the predictions of one are gone");
  try {
    const found = comparePredictions(left, right, { threshold: bounds.threshold, decides });
    // Bit for bit the same they are within any bound.
    if (found.decision === null && found.worst !== null && bounds.maxAbs === null && bounds.ulps === null)
      return open(
        name,
        "numbers that decide nothing that could be seen: set max_abs or ulps in [reference], threshold for chances, flips for scores",
      );
    const reason = beyond(found, bounds);
    const maxAbs = found.maxAbs !== null && Number.isFinite(found.maxAbs) ? found.maxAbs : null;
    return { ...found, maxAbs, name, verdict: reason === null ? "within" : "beyond", reason };
  } catch (error) {
    if (error instanceof Unreadable) return open(name, error.message);
    throw error;
  }
}

const RANK = { beyond: 0, unknown: 1, within: 2 } as const;
const far = ({ flips, maxAbs, worst }: ReferenceVerdict): number =>
  (flips ?? 0) * 1e9 + (maxAbs ?? (worst === null ? 0 : 1e8));

/** The replay that is furthest away. */
function furthest(list: readonly ReferenceVerdict[]): ReferenceVerdict | undefined {
  return list.toSorted((a, b) => RANK[a.verdict] - RANK[b.verdict] || far(b) - far(a))[0];
}

/** Rows without a prediction are equal, and the answer says that they are none. */
const nanIn = (list: readonly ReferenceVerdict[]): string =>
  list
    .flatMap(({ name, nan, rows }) => (nan > 0 ? [`; ${name}: ${nan} of ${rows} rows hold NaN each time`] : []))
    .join("");

const evidenceOf = ({ name, verdict, reason, maxAbs, worst }: ReferenceVerdict): Evidence => ({
  kind: "reference",
  name,
  agree: verdict === "within",
  how: "tolerance",
  aside: [],
  a: worst?.a ?? null,
  b: worst?.b ?? null,
  distance: maxAbs,
  ...(verdict === "unknown" ? { unseen: reason ?? "could not be compared" } : {}),
});

/**
 * Whether a run done again decides as it did: predictions for reference inputs within bounds, in every replay. A run that
 * has every result again is told numerical. Throws REFERENCE_NONE.
 */
export async function verifyFunctional(options: FunctionalOptions): Promise<VerifyDocument> {
  const { baseline, store, file } = options;
  const { maxAbs, ulps, flips } = options.bounds;
  const isBare = maxAbs === null && ulps === null && flips === null;
  const decides = flips !== null;
  const bounds = isBare ? { ...options.bounds, flips: 0 } : options.bounds;
  const mine = predictionsOf(baseline, file);
  if (mine.size === 0)
    throw new RepriseError(
      "REFERENCE_NONE",
      "usage",
      file === null ? "the run has no reference predictions" : `the run wrote no ${file}`,
      'reprise.reference("held-out", x, model.predict(x)) in the program, or [reference] file = "predictions.npy"',
    );
  const measured = await measureReplays(options, () => 8);
  const { v, free, runs, obstacle } = measured;
  const exact = numerical(measured, "functional", options.vary);
  const theirs = runs.map((run) => predictionsOf(run, file));
  const list = [...mine].map(
    ([name, one]) =>
      furthest(theirs.map((all) => judge(name, one, all.get(name), { bounds, decides }, store))) ??
      open(name, "no replay"),
  );
  if (exact !== null) return { ...exact, references: { bounds, list } };
  const beyondOne = list.find(({ verdict }) => verdict === "beyond");
  const openOne = list.find(({ verdict }) => verdict === "unknown");
  const failed = runs.find((run) => run.exitCode !== baseline.exitCode || run.signal !== baseline.signal);
  const answer =
    obstacle !== null
      ? ({ verdict: "inconclusive", reason: obstacle } as const)
      : failed !== undefined
        ? ({
            verdict: "differs",
            reason: `it ended with ${baseline.exitCode}, a replay with ${failed.exitCode}`,
          } as const)
        : beyondOne !== undefined
          ? ({ verdict: "differs", reason: `${beyondOne.name}: ${beyondOne.reason ?? ""}` } as const)
          : openOne !== undefined
            ? ({ verdict: "inconclusive", reason: `${openOne.name}: ${openOne.reason ?? ""}` } as const)
            : ({
                verdict: "reproduced",
                reason: `predictions are within the bounds in all of ${runs.length} replays${nanIn(list)}`,
              } as const);
  const level = answer.verdict === "reproduced" ? "functional" : "none";
  const agreeing = answer.verdict === "reproduced" ? runs.length : 0;
  return {
    ...documentOf(v, free, { ...answer, level, asked: "functional", evidence: list.map(evidenceOf) }),
    agreeing,
    missRate: agreeing === 0 ? null : Math.min(1, 3 / agreeing),
    references: { bounds, list },
  };
}
