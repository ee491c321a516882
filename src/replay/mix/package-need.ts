import { isUnknown, knownOr, type PackageFact, type PackageOrigin, type RunRecord } from "#record";

/** A package as one of the runs had it; `version` null: that run did not have it. */
export interface PackageNeed {
  readonly name: string;
  readonly version: string | null;
  readonly origin: PackageOrigin | null;
  readonly of: "a" | "b";
}

/** Names are equal when they are after PEP 503. */
export const normalName = (name: string): string => name.toLowerCase().replace(/[-_.]+/g, "-");

export function packagesOf(run: RunRecord): Map<string, PackageFact> {
  const python = knownOr(run.environment.python, null);
  const list = python === null ? [] : knownOr(python.packages, []);
  return new Map(list.map((item) => [normalName(item.name), item]));
}

/** What tells two installations of one version apart. */
export function buildOf(origin: PackageOrigin | null): string {
  if (origin?.kind === "vcs") return origin.commit;
  if (origin?.kind === "editable") return isUnknown(origin.digest) ? "" : origin.digest;
  return origin?.kind === "file" && !isUnknown(origin.digest) ? origin.digest : "";
}

/** Interpreter and ABI as far as packages built for one cannot be used by the other: "cpython-3.11". */
export function tagOf(run: RunRecord): string | null {
  const python = knownOr(run.environment.python, null);
  return python === null ? null : `${python.implementation}-${python.version.split(".").slice(0, 2).join(".")}`;
}
