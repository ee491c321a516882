import { statSync } from "node:fs";
import { join } from "node:path";
import { isUnknown, type Observation, type OutputFile, unknown } from "#record";
import type { FileLog } from "./file-log.ts";
import type { FileKeeper } from "./inputs/inputs.ts";
import { isInside, isThrowaway, type Places, recordPath, scopeOf } from "./place.ts";

/** Outputs above this size are recorded by digest alone. */
const MOST_BYTES_KEPT = 256 * 1024 * 1024;

/** What the tree comparison found, paths relative to the project. */
interface TreeChange {
  readonly created: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
}

export interface OutputQuestion {
  readonly log: FileLog;
  readonly places: Places;
  readonly tree: TreeChange;
  readonly isData: (path: string) => boolean;
  readonly keeper: FileKeeper;
}

function roleOf(path: string): { role?: "model" | "checkpoint" } {
  if (
    /(^|[/_.-])(checkpoint|ckpt|epoch)[^/]*$/i.test(path) &&
    /\.(pt|pth|ckpt|bin|safetensors|h5|keras|npz|pkl)$/i.test(path)
  )
    return { role: "checkpoint" };
  return /\.(pt|pth|ckpt|safetensors|h5|keras|onnx|joblib|ubj|gguf|pb|tflite)$/i.test(path) ? { role: "model" } : {};
}

interface Draft {
  readonly absolute: string;
  readonly change: OutputFile["change"];
  readonly seen: Observation[];
}

/** In the project the tree comparison is the truth (writers in C escape the hook); outside it only the hook can tell. */
function drafts(question: OutputQuestion): Draft[] {
  const { log, places, tree } = question;
  const inProject = (["created", "changed", "removed"] as const).flatMap((change) =>
    tree[change].map((name): Draft => {
      const absolute = join(places.project, name);
      return {
        absolute,
        change,
        seen: log.writes.has(absolute) || log.removed.has(absolute) ? ["hook", "tree"] : ["tree"],
      };
    }),
  );
  const outside = [...log.writes].flatMap(([path, write]): Draft[] => {
    if (isInside(path, places.project) || !question.isData(path) || isThrowaway(path, places.temporary)) return [];
    // What lies in a cache may be data to who reads it; to who writes it, it is no result.
    if (path.includes("/.cache/")) return [];
    const left = statSync(path, { throwIfNoEntry: false });
    if (left === undefined || !left.isFile()) return [];
    return [{ absolute: path, change: write.existed ? "changed" : "created", seen: ["hook"] }];
  });
  return [...inProject, ...outside];
}

/** The files that a run left behind, created, changed or removed. Order: by path. */
export function describeOutputs(question: OutputQuestion): OutputFile[] {
  const found = drafts(question);
  const present = question.keeper.digests(
    found.filter((draft) => draft.change !== "removed").map((draft) => draft.absolute),
  );
  const outputs = found.map((draft): OutputFile => {
    const base = {
      path: recordPath(draft.absolute, question.places.project),
      scope: scopeOf(draft.absolute, question.places),
      seen: draft.seen,
      change: draft.change,
      ...roleOf(draft.absolute),
    };
    if (draft.change === "removed") return { ...base, bytes: 0, digest: unknown("removed by the run"), stored: false };
    const hashed = present.get(draft.absolute) ?? unknown("gone when the run ended");
    if (isUnknown(hashed)) return { ...base, bytes: hashed, digest: hashed, stored: false };
    const stored =
      hashed.bytes <= MOST_BYTES_KEPT && question.keeper.keep(draft.absolute, hashed)?.digest === hashed.digest;
    return { ...base, bytes: hashed.bytes, digest: hashed.digest, stored };
  });
  return outputs.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}
