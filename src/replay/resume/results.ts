import { type Evidence, isUnknown, knownOr, type OutputFile, type RunRecord } from "#record";
import { gatherEvidence, MOST_HELD, type Side } from "../evidence.ts";
import { type MetricsResumed, metricsResumed } from "./metrics.ts";
import { isLoggers, partOfLog } from "./partial.ts";

const NO_TEXT = { unknown: "not compared: the resumed run says the end of it" } as const;

/** Two parts leave what both wrote: what the second did to a file counts, and what it removed of the first was never there. */
function leftBy(first: RunRecord, second: RunRecord): OutputFile[] {
  const files = new Map(knownOr(first.outputs, []).map((file) => [file.path, file]));
  for (const file of knownOr(second.outputs, [])) {
    const before = files.get(file.path);
    if (file.change === "removed" && before?.change === "created") files.delete(file.path);
    else files.set(file.path, before?.change === "created" ? { ...file, change: "created" } : file);
  }
  return [...files.values()];
}

/** Each part has a folder of its own with some loggers: version_0, version_1. */
const unnumbered = (path: string): string => path.replace(/(^|\/)(version|run|exp|offline-run)[_-]?\d+(?=\/)/g, "$1$2");

/** Files of the parts under the names that the uninterrupted run gave them; the later part wins. */
function renamed(mine: readonly OutputFile[], theirs: readonly OutputFile[]): OutputFile[] {
  const names = new Map(theirs.map(({ path }) => [unnumbered(path), path]));
  const found = new Map<string, OutputFile>();
  for (const file of mine) {
    const name = theirs.some(({ path }) => path === file.path) ? file.path : names.get(unnumbered(file.path));
    if (name === undefined) found.set(file.path, file);
    else if (name === file.path && found.has(name)) continue;
    else found.set(name, { ...file, path: name });
  }
  return [...found.values()];
}

export interface Results {
  readonly evidence: readonly Evidence[];
  readonly metrics: MetricsResumed;
  readonly aside: readonly string[];
}

interface Kept {
  readonly a: OutputFile[];
  readonly b: OutputFile[];
  readonly aside: string[];
}

/** Outputs that say something about what was trained. */
function decisive(a: Side, b: Side, mine: readonly OutputFile[], share: number): Kept {
  const theirs = new Map(knownOr(a.run.outputs, []).map((file) => [file.path, file]));
  const kept: Kept = { a: [], b: [], aside: [] };
  const more: string[] = [];
  for (const file of renamed(mine, [...theirs.values()])) {
    const other = theirs.get(file.path);
    if (other === undefined) {
      more.push(file.path);
      continue;
    }
    theirs.delete(file.path);
    const why = isUnknown(file.digest) || file.digest === other.digest ? null : whyAside(a, b, other, file, share);
    if (why === null) {
      kept.a.push(other);
      kept.b.push(file);
    } else kept.aside.push(why);
  }
  const [first, ...others] = more;
  const rest = others.length === 0 ? "" : ` and ${others.length} more`;
  if (first !== undefined) kept.aside.push(`only in the resumed run: ${first}${rest}`);
  for (const file of theirs.values()) {
    if (isLoggers(file.path)) kept.aside.push(`a logger's own file: ${file.path}`);
    else kept.a.push(file);
  }
  return kept;
}

function textOf(side: Side, file: OutputFile): Uint8Array | null {
  const reader = isUnknown(file.digest) ? null : side.open(file.digest, file);
  try {
    return reader === null || reader.length > MOST_HELD ? null : reader.read(0, reader.length);
  } finally {
    reader?.close();
  }
}

function whyAside(a: Side, b: Side, left: OutputFile, right: OutputFile, share: number): string | null {
  const [x, y] = [textOf(a, left), textOf(b, right)];
  return x === null || y === null ? null : partOfLog(left.path, x, y, share, { a: a.origin, b: b.origin });
}

/**
 * What the uninterrupted run and the two parts of the other left behind. `share`: how much of the training the second part
 * had to do.
 */
export function resultsOf(a: Side, first: RunRecord, second: Side, share: number): Results {
  // Files are compared as outputs; a part that goes on with a log of the first part reports none of its numbers.
  const reported = ({ metrics: all }: RunRecord) => all.filter(({ source }) => source !== "file");
  const metrics = metricsResumed(reported(a.run), reported(second.run));
  const kept = decisive(a, second, leftBy(first, second.run), share);
  const silent = metrics.missing.filter((name) => !first.metrics.some((series) => series.name === name));
  const [one, ...more] = silent;
  if (one !== undefined)
    kept.aside.push(`only the uninterrupted run told ${one}${more.length === 0 ? "" : ` and ${more.length} more`}`);
  const only = (side: Side, outputs: readonly OutputFile[]): Side => ({
    ...side,
    run: { ...side.run, outputs, metrics: [], stdout: NO_TEXT, stderr: NO_TEXT },
  });
  const evidence = gatherEvidence(only(a, kept.a), only(second, kept.b)).filter(({ kind }) => kind !== "stdout");
  return { evidence: [...metrics.evidence, ...evidence], metrics, aside: kept.aside };
}
