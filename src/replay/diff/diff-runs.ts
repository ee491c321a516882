import {
  DIFF_SECTIONS,
  type DiffDocument,
  type DiffParts,
  type DiffSection,
  diffFacts,
  diffParts,
  joined,
} from "#compare";
import { type AgentEvent, RepriseError, type RunRecord } from "#record";
import type { Store } from "#store";
import { gatherEvidence, type Side } from "../evidence.ts";
import { eventsOf } from "../replay.ts";
import { sideOf } from "../side.ts";
import { codePart, type SettingsPair } from "./code.ts";
import { codeStates } from "./code-state.ts";
import { Contents } from "./contents.ts";
import { dataPart } from "./data.ts";
import { outputsPart } from "./results.ts";

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
  return { ...side, load: (digest, output) => attempt(() => side.load(digest, output), null) };
}

/** Files of settings that both sections found, each once. */
function settingsFacts(pairs: readonly SettingsPair[], side: "a" | "b"): Map<string, string> {
  const facts = new Map<string, string>();
  for (const pair of pairs) for (const [key, value] of pair[side]) facts.set(`${pair.path}: ${key}`, value);
  return facts;
}

/** The sections that rest on the contents of files. */
async function lookInto(parts: DiffParts, x: Side, y: Side, { a, b, store, env }: DiffOptions): Promise<DiffParts> {
  const contents = new Contents(store, env);
  const states = await codeStates(a, b, contents, env);
  try {
    const code = codePart(parts.code, states, a, b);
    const data = dataPart(
      { run: a, code: (path) => states.a.get(path)?.read() },
      { run: b, code: (path) => states.b.get(path)?.read() },
      contents,
      { a: x.origin, b: y.origin },
    );
    const pairs = [...code.settings, ...data.settings];
    const keys = diffFacts("config", settingsFacts(pairs, "a"), settingsFacts(pairs, "b"));
    const config = { entries: [...parts.config.entries, ...keys.entries], unknown: parts.config.unknown };
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
  const evidence = gatherEvidence(x, y);
  const facts: DiffParts = { ...diffParts(a, b), outputs: outputsPart(evidence, { a: x, b: y }) };
  const parts = only.some((name) => RESTS_ON_CONTENT.includes(name)) ? await lookInto(facts, x, y, options) : facts;
  return {
    format: "reprise/diff@1",
    a: a.id,
    b: b.id,
    same: evidence.every((item) => item.agree),
    evidence,
    ...joined(parts),
  };
}
