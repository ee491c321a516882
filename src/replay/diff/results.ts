import type { DiffEntry, DiffPart, DiffUnknown } from "#compare";
import { canonicalNames } from "#content";
import { type Evidence, isUnknown, knownOr, type RunRecord } from "#record";
import { wasStopped } from "#run";
import { gatherEvidence, type Side } from "../evidence.ts";

type Sides = { readonly a: Side; readonly b: Side };

/** What evidence says behind the name of a file that the other run did not write. */
const ONE_SIDED = " (only in one run)";

const NAMES: Readonly<Record<string, string>> = { exit: "exit", stdout: "standard output" };

/** The file that a piece of evidence is about: its name may have the place behind it, in brackets. */
function fileOf(evidence: Evidence, runs: readonly RunRecord[]): string {
  const paths = runs.flatMap((run) => knownOr(run.outputs, []).map((file) => file.path));
  const found = paths.filter((path) => evidence.name === path || evidence.name.startsWith(`${path} (`));
  return found.toSorted((x, y) => y.length - x.length)[0] ?? evidence.name;
}

const say = (run: RunRecord, path: string | undefined): string | null => {
  const output = knownOr(run.outputs, []).find((candidate) => candidate.path === path);
  if (output === undefined) return null;
  return output.change === "removed" ? "removed" : isUnknown(output.digest) ? null : output.digest;
};

function streamOf(run: RunRecord, evidence: Evidence): string | null {
  const stream = evidence.name.startsWith("stderr") ? run.stderr : run.stdout;
  return isUnknown(stream) ? null : stream.digest;
}

/** The values of both sides: exit codes, or digests of what was compared. */
function valuesOf(item: Evidence, file: string, { a, b }: Sides): readonly [DiffEntry["a"], DiffEntry["b"]] {
  if (item.kind === "exit") return [item.a, item.b];
  if (item.kind === "stdout") return [streamOf(a.run, item), streamOf(b.run, item)];
  if (item.name.endsWith(ONE_SIDED)) return [item.a, item.b];
  // A file whose name holds a time or an id has another name in b.
  const names = (run: RunRecord): string[] => knownOr(run.outputs, []).map((output) => output.path);
  const pairs = canonicalNames(names(a.run), names(b.run), { a: a.origin, b: b.origin });
  const other = pairs.find((pair) => pair.a === file)?.b ?? undefined;
  return [say(a.run, file) ?? item.a, say(b.run, other) ?? item.b];
}

/** The outputs section out of the evidence that a verdict would rest on: exit, files, standard output. */
export function outputsPart(evidence: readonly Evidence[], sides: Sides): DiffPart {
  const entries: DiffEntry[] = [];
  const unknown: DiffUnknown[] = [];
  for (const item of evidence) {
    if (item.agree || item.kind === "metric" || item.kind === "fingerprint") continue;
    const file = item.kind === "output" ? fileOf(item, [sides.a.run, sides.b.run]) : item.name;
    const name = item.name.startsWith("stderr") ? "standard error, last line" : (NAMES[item.kind] ?? file);
    if (item.unseen !== undefined) {
      unknown.push({ section: "outputs", name, a: item.unseen, b: item.unseen });
      continue;
    }
    const [x, y] = valuesOf(item, file, sides);
    const where = / \((.*)\)$/s.exec(item.name.slice(item.kind === "output" ? file.length : 0))?.[1] ?? "";
    const change = x === null ? "added" : y === null ? "removed" : "changed";
    const { how, aside, distance } = item;
    const looked = item.kind !== "exit" && change === "changed";
    entries.push({
      name,
      a: x,
      b: y,
      change,
      ...(looked
        ? { detail: { kind: "content", agree: false, how, aside, where, a: item.a, b: item.b, distance } }
        : {}),
    });
  }
  return { entries, unknown };
}

const STOPPED = "a replay that was stopped at its first difference: what came after it was not seen";

/** A replay may have been stopped where it parted; whichever side that is, only what both came to is compared. */
export function evidenceOf({ a, b }: Sides): {
  readonly evidence: readonly Evidence[];
  readonly unseen: DiffUnknown[];
} {
  if (!wasStopped(a.run) && !wasStopped(b.run)) return { evidence: gatherEvidence(a, b), unseen: [] };
  const unseen = (["outputs", "metrics"] as const).map((section): DiffUnknown => {
    const why = (run: RunRecord): string | null => (wasStopped(run) ? STOPPED : null);
    return { section, name: "everything after it", a: why(a.run), b: why(b.run) };
  });
  if (wasStopped(b.run)) return { evidence: gatherEvidence(a, b), unseen };
  const turned = gatherEvidence(b, a).map((item): Evidence => ({ ...item, a: item.b, b: item.a }));
  return { evidence: turned, unseen };
}

/** Of the metrics only those that the evidence is about: others may have been still to come. */
export function seenMetrics(part: DiffPart, evidence: readonly Evidence[], unseen: readonly DiffUnknown[]): DiffPart {
  if (unseen.length === 0) return part;
  const seen = new Set(evidence.map((item) => item.name));
  return {
    entries: part.entries.filter(({ name }) => seen.has(name)),
    unknown: unseen.filter(({ section }) => section === "metrics"),
  };
}
