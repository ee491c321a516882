import {
  type AgainstDocument,
  type Bounds,
  type CauseKind,
  type ExportDocument,
  type Json,
  type Level,
  RepriseError,
  type RunRecord,
  type VerifyDocument,
} from "#record";
import {
  verifyAgainst as againstFiles,
  exportRun as exportRecord,
  readColleague,
  verifyFunctional,
  verify as verifyRun,
  verifyScientific,
  verifyStatistical,
  withEnvironment,
} from "#replay";
import type { RunRef, Store } from "#store";
import { type Asking, chosenRun, placeOf, type Surroundings, version } from "./request.ts";

interface Conditions extends Asking, Surroundings {
  /** "default" when left out: everything outside the recipe; "none": repeat as recorded. */
  readonly vary?: "default" | "none";
  /** Kinds of factors that are part of the recipe. */
  readonly hold?: readonly CauseKind[];
  /** Replays to make; as many as the level asks for, and as are quick, when left out. */
  readonly replays?: number;
  readonly keep?: boolean;
  /** Of the statistical and the scientific level; 0.95 when left out. */
  readonly confidence?: number;
  /** Of the statistical level: which value of a series is judged; the last when left out. */
  readonly at?: "last" | "best";
}

export interface VerifyRequest extends Conditions {
  /** "numerical" when left out: every result bit for bit, or by content (docs/verdict.md). */
  readonly level?: Level;
  /** Most replays spent on finding what must be held; 20 when left out. */
  readonly budget?: number;
  /** Let a replay run to its end after it has differed. */
  readonly complete?: boolean;
  /** Of the scientific level, besides those that the program makes itself: "auc > 0.9". */
  readonly claims?: readonly string[];
  /** In so many of all runs each claim has to hold; 0.8 when left out. */
  readonly rate?: number;
  /** Of the functional level: what predictions may be apart by, and a saved .npy file of them among the outputs. */
  readonly reference?: Partial<Bounds> & { readonly file?: string };
}

export interface AgainstRequest extends Conditions {
  /** "numerical" when left out. */
  readonly level?: "numerical" | "statistical";
  /** What `reprise export` wrote on other machines, with a name for each. */
  readonly files: readonly { readonly name: string; readonly bytes: Uint8Array }[];
}

const BUDGET = 20;
const [CONFIDENCE, POWER, RATE] = [0.95, 0.8, 0.8];

const wrong = (message: string, hint: string): RepriseError => new RepriseError("USAGE", "usage", message, hint);

/** As the command line refuses them. */
function chance(name: string, value: number): number {
  if (value >= 0.5 && value < 1) return value;
  throw wrong(`${name}: ${value} is no probability from 0.5 to below 1`, `${name}: 0.9`);
}

function count(name: string, value: number | undefined): void {
  if (value !== undefined && (!Number.isSafeInteger(value) || value < 1))
    throw wrong(`${name}: ${value} is no number of replays`, `${name}: 20`);
}

function conditionsOf(request: Conditions, baseline: RunRecord) {
  const { vary, hold, replays, keep } = request;
  count("replays", replays);
  return {
    ...placeOf(request),
    baseline,
    vary: vary ?? ("default" as const),
    hold: hold ?? [],
    ...(replays === undefined ? {} : { replays }),
    keep: keep ?? false,
  };
}

/** Noise is measured by varying: where nothing varies there is none. */
function checkVaries({ vary }: Conditions, level: Level): void {
  if (vary === "none" && level !== "numerical")
    throw wrong(`vary: "none": noise is measured by varying, and level: "${level}" needs it`, 'vary: "default"');
}

function judge(request: VerifyRequest, baseline: RunRecord): Promise<VerifyDocument> {
  const { level = "numerical", budget = BUDGET, at = "last", claims = [], reference = {}, complete } = request;
  const common = conditionsOf(request, baseline);
  const confidence = chance("confidence", request.confidence ?? CONFIDENCE);
  checkVaries(request, level);
  count("budget", budget);
  if (level === "statistical") return verifyStatistical({ ...common, confidence, power: POWER, at });
  if (level === "scientific") {
    const rate = chance("rate", request.rate ?? RATE);
    const asked = claims.map((text) => ({ text, from: "claims" }));
    return verifyScientific({ ...common, confidence, rate, claims: asked });
  }
  if (level === "functional") {
    const { file = null, maxAbs = null, ulps = null, flips = null, threshold = null } = reference;
    return verifyFunctional({ ...common, file, bounds: { maxAbs, ulps, flips, threshold } });
  }
  if (level !== "numerical") throw wrong(`there is no level ${String(level)}`, 'level: "statistical"');
  return verifyRun({ ...common, level, budget, complete: complete ?? false });
}

/** Says whether a run reproduces, as `reprise verify` does, at any level, and keeps the verdict as a fact of the run. */
export async function verify(request: VerifyRequest): Promise<VerifyDocument> {
  const { store } = request;
  const chosen = await chosenRun(request);
  const baseline = chosen.run;
  const document = withEnvironment(await judge(request, baseline), chosen);
  // A verdict is plain data; its type only lacks the index signature of Json.
  store.runs.addFact(baseline.id, "verdict", document as unknown as Json);
  return document;
}

/** Which machines agree with a run at which level, as `reprise verify --against` says it. Nothing of the files is run. */
export async function verifyAgainst(request: AgainstRequest): Promise<AgainstDocument> {
  const { store, files, level = "numerical", at = "last" } = request;
  if (files.length === 0) throw wrong("files: none is given", "reprise export RUN --output run.json.gz");
  checkVaries(request, level);
  const chosen = await chosenRun(request);
  const baseline = chosen.run;
  const found = await againstFiles({
    ...conditionsOf(request, baseline),
    level,
    at,
    colleagues: files.map(({ name, bytes }) => readColleague(name, bytes)),
    confidence: chance("confidence", request.confidence ?? CONFIDENCE),
    power: POWER,
  });
  const document = withEnvironment(found, chosen);
  store.runs.addFact(baseline.id, "against", document as unknown as Json);
  return document;
}

/** A run as one document, which `verifyAgainst` reads on another machine, as JSON or packed by gzip. */
export const exportRun = (run: RunRef, { store }: { readonly store: Store }): ExportDocument =>
  exportRecord(store, store.runs.get(run), version());
