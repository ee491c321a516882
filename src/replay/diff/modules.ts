import type { DiffEntry, DiffPart, DiffUnknown } from "#compare";
import { unknown as because, type ImportedModule, isUnknown, type RunRecord } from "#record";
import { textDetail } from "./content-detail.ts";
import type { Contents } from "./contents.ts";

/** Imported modules that the saved code does not answer for: ignored by git, or changed after it was saved. */
export function modulesPart(a: RunRecord, b: RunRecord, listed: ReadonlySet<string>, contents: Contents): DiffPart {
  const entries: DiffEntry[] = [];
  const unknown: DiffUnknown[] = [];
  const of = (run: RunRecord): Map<string, ImportedModule> =>
    new Map(isUnknown(run.modules) ? [] : run.modules.map((module) => [module.path, module]));
  const theirs = of(b);
  for (const [path, mine] of of(a)) {
    const other = theirs.get(path);
    if (other === undefined || listed.has(path) || (mine.saved === "same" && other.saved === "same")) continue;
    const [x, y] = [mine.digest, other.digest];
    if (isUnknown(x) || isUnknown(y)) {
      unknown.push({
        section: "code",
        name: path,
        a: isUnknown(x) ? x.unknown : null,
        b: isUnknown(y) ? y.unknown : null,
      });
      continue;
    }
    if (x === y) continue;
    const [left, right] = [mine, other].map((module, i) =>
      contents.read(i === 0 ? a : b, { ...module, bytes: because("not recorded") }),
    );
    const text =
      left === undefined || right === undefined || isUnknown(left) || isUnknown(right) ? null : textDetail(left, right);
    const detail = text ?? { kind: "unread" as const, reason: "it was not saved with the code" };
    entries.push({ name: path, a: x, b: y, change: "changed", detail });
  }
  return { entries, unknown };
}
