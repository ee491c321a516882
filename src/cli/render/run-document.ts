import {
  byStanding,
  type CodeFacts,
  canonicalJson,
  digestOf,
  isUnknown,
  type Known,
  type PolicyCost,
  type RunRecord,
} from "#record";
import type { SavedOutputs } from "#replay";

/** One digest for all of the code: equal when commit, changes and files that count as code are. */
function treeOf(code: CodeFacts): string {
  const files = (code.kind === "git" ? code.untracked : code.files).map(({ path, mode, digest }) => [
    path,
    mode,
    digest,
  ]);
  return digestOf(
    canonicalJson(code.kind === "git" ? { commit: code.commit, diff: code.diff?.digest ?? null, files } : { files }),
  );
}

function codeOf(code: Known<CodeFacts>): unknown {
  if (isUnknown(code)) return code;
  if (code.kind === "snapshot")
    return { commit: { unknown: "not in a git repository" }, dirty: null, tree: treeOf(code) };
  return { commit: code.commit, dirty: code.dirty, tree: treeOf(code) };
}

/** JSON has no NaN and no infinities. */
const jsonNumber = (value: number): number | string => (Number.isFinite(value) ? value : String(value));

/** `reprise run --json` (docs/verdict.md). */
export function runDocument(
  run: RunRecord,
  cost: Known<PolicyCost> | null = null,
  notebooks: readonly SavedOutputs[] = [],
): unknown {
  const names = new Set<string>();
  const metrics = byStanding(run.metrics).map(({ name, source, points }) => {
    // The same name on both streams, or in a logger too, is two metrics.
    const key = names.has(name) ? `${name} (${source})` : name;
    names.add(name);
    const last = points.at(-1)?.value;
    return [key, { last: last === undefined ? null : jsonNumber(last), count: points.length }] as const;
  });
  const { mode, root, seeded } = run.seed;
  return {
    format: "reprise/run@1",
    id: run.id,
    name: run.name,
    tags: run.tags,
    command: run.command.argv,
    exitCode: run.exitCode,
    signal: run.signal,
    status: run.status,
    seconds: run.seconds,
    seed: { root, mode, seeded },
    policy: { ...(run.policy ?? { mode: "off", levers: [], violations: [] }), ...(cost === null ? {} : { cost }) },
    code: codeOf(run.code),
    outputs: isUnknown(run.outputs)
      ? run.outputs
      : run.outputs.map(({ path, digest, bytes, change }) => ({ path, digest, bytes, change })),
    inputs: isUnknown(run.inputs) ? run.inputs : run.inputs.map(({ path, digest, bytes }) => ({ path, digest, bytes })),
    metrics: Object.fromEntries(metrics),
    entropy: isUnknown(run.entropy)
      ? run.entropy
      : run.entropy.map(({ kind, name, file, line, cell, count }) => ({ kind, name, file, line, cell, count })),
    ...(notebooks.length === 0 ? {} : { notebooks }),
    warnings: run.warnings,
  };
}
