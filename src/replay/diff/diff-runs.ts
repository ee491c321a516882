import { DIFF_SECTIONS, type DiffDocument, type DiffParts, type DiffSection, diffParts, joined } from "#compare";
import { type AgentEvent, isUnknown, RepriseError, type RunRecord } from "#record";
import type { Store } from "#store";
import type { Side } from "../evidence.ts";
import { eventsOf } from "../replay.ts";
import { sideOf } from "../side.ts";
import { codePart } from "./code.ts";
import { codeStates } from "./code-state.ts";
import { Contents } from "./contents.ts";
import { dataPart } from "./data.ts";
import { evidenceOf, outputsPart, seenMetrics } from "./results.ts";
import { configPart } from "./settings.ts";

interface DiffOptions {
  readonly a: RunRecord;
  readonly b: RunRecord;
  readonly store: Store;
  /** Where git is found, and whose secrets are not to be shown. */
  readonly env: Readonly<Record<string, string>>;
  /** Sections that will be looked at: contents that only others need are not read. All when left out. */
  readonly only?: readonly DiffSection[];
}

/** What a run is compared by; objects that are damaged or gone are content that is not to be had. */
function sideFor(run: RunRecord, store: Store): Side {
  const attempt = <T>(work: () => T, otherwise: T): T => {
    try {
      return work();
    } catch (error) {
      if (error instanceof RepriseError) return otherwise;
      throw error;
    }
  };
  const events = attempt((): AgentEvent[] => eventsOf(run, store), []);
  const side = sideOf(run, events, store, []);
  return { ...side, open: (digest, output) => attempt(() => side.open(digest, output), null) };
}

/** The sections that rest on the contents of files. */
async function lookInto(parts: DiffParts, x: Side, y: Side, { a, b, store, env }: DiffOptions): Promise<DiffParts> {
  const contents = new Contents(store, env);
  const states = await codeStates(a, b, contents, env);
  try {
    const code = codePart(parts.code, states, a, b, contents);
    const data = dataPart(
      { run: a, code: (path) => states.a.get(path)?.read() },
      { run: b, code: (path) => states.b.get(path)?.read() },
      contents,
      { a: x.origin, b: y.origin },
    );
    const noCode = [a.code, b.code].find(isUnknown)?.unknown ?? states.obstacle;
    const origins = { a: x.origin, b: y.origin };
    const config = configPart(parts.config, [...code.settings, ...data.settings], noCode, origins);
    return { ...parts, code, data, config };
  } finally {
    states.remove();
  }
}

const RESTS_ON_CONTENT: readonly DiffSection[] = ["code", "data", "config"];

/** What differs between two runs, by their records and by the contents that they name. Runs nothing of the user's. */
export async function diffRuns(options: DiffOptions): Promise<DiffDocument> {
  const { a, b, store, only = DIFF_SECTIONS } = options;
  const [x, y] = [sideFor(a, store), sideFor(b, store)];
  const { evidence, unseen } = evidenceOf({ a: x, b: y });
  const recorded = diffParts(a, b);
  const outputs = outputsPart(evidence, { a: x, b: y });
  const facts: DiffParts = {
    ...recorded,
    outputs: { ...outputs, unknown: [...outputs.unknown, ...unseen.filter(({ section }) => section === "outputs")] },
    metrics: seenMetrics(recorded.metrics, evidence, unseen),
  };
  const parts = only.some((name) => RESTS_ON_CONTENT.includes(name)) ? await lookInto(facts, x, y, options) : facts;
  return {
    format: "reprise/diff@1",
    a: a.id,
    b: b.id,
    same: unseen.length === 0 && evidence.every((item) => item.agree),
    evidence,
    ...joined(parts),
  };
}
