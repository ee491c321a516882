import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import {
  type Digest,
  isUnknown,
  type Known,
  knownOr,
  type PackageFact,
  type PackageOrigin,
  type RunRecord,
  unknown,
} from "#record";
import { normalName } from "./name.ts";
import { type PresentEnvironment, packagesAt } from "./present.ts";

type Likeness = "equal" | "other" | "missing" | "extra" | "unknown";

interface Compared {
  readonly state: Likeness;
  /** Whether the run used it: imported it, had it loaded. */
  readonly used: boolean;
}

interface PackageCompared extends Compared {
  readonly name: string;
  readonly recorded: string | null;
  readonly present: string | null;
}

export interface LibraryCompared extends Compared {
  /** As recorded. */
  readonly path: string;
  readonly role: string | null;
  readonly present: string | null;
  /** It came with a package or with the interpreter; what else there is belongs to the system. */
  readonly of: "package" | "interpreter" | "system";
}

export interface EnvironmentReport {
  readonly python: { readonly recorded: string; readonly present: string; readonly state: "equal" | "other" };
  readonly platform: { readonly recorded: string | null; readonly present: string; readonly state: Likeness };
  readonly packages: readonly PackageCompared[];
  readonly libraries: readonly LibraryCompared[];
  /** Nothing differs, and everything could be compared. */
  readonly same: boolean;
  /** Nothing that the run used differs. */
  readonly usedSame: boolean;
}

/** Equal for two installs of the same thing; the version alone says nothing of a commit or of sources used in place. */
function build(origin: PackageOrigin): string {
  if (origin.kind === "vcs") return origin.commit;
  if (origin.kind === "editable" || origin.kind === "file") return isUnknown(origin.digest) ? "" : origin.digest;
  return "";
}

function comparePackages(recorded: readonly PackageFact[], present: readonly PackageFact[]): PackageCompared[] {
  const [then, now] = [recorded, present].map((list) => new Map(list.map((item) => [normalName(item.name), item])));
  const keys = [...new Set([...(then?.keys() ?? []), ...(now?.keys() ?? [])])].sort();
  return keys.map((key): PackageCompared => {
    const [a, b] = [then?.get(key), now?.get(key)];
    const name = a?.name ?? b?.name ?? key;
    const facts = { name, recorded: a?.version ?? null, present: b?.version ?? null, used: a?.imported ?? false };
    if (a === undefined) return { ...facts, state: "extra" };
    if (b === undefined) return { ...facts, state: "missing" };
    if (a.version !== b.version) return { ...facts, state: "other" };
    const [x, y] = [build(a.origin), build(b.origin)];
    if (a.origin.kind === "vcs" && x !== y)
      return {
        ...facts,
        state: "other",
        recorded: `${a.version} at ${x.slice(0, 12)}`,
        present: `${b.version} at ${y === "" ? "no commit" : y.slice(0, 12)}`,
      };
    return { ...facts, state: x !== "" && y !== "" && x !== y ? "other" : "equal" };
  });
}

const PACKAGED = /\/(?:site|dist)-packages\/(.+)$/;
const OWN = /\/lib\/python\d\.\d+t?\/(lib-dynload\/.+)$/;

/** Where the recorded library is to be looked for in another environment; null: it is not there. */
function placeOf(path: string, { sysPath, base, version }: PresentEnvironment): string | null {
  const inside = PACKAGED.exec(path)?.[1];
  if (inside !== undefined)
    return sysPath.map((folder) => join(folder, inside)).find((candidate) => existsSync(candidate)) ?? null;
  const own = OWN.exec(path)?.[1];
  const minor = version.split(".").slice(0, 2).join(".");
  const candidates =
    own !== undefined
      ? [join(base, "lib", `python${minor}`, own), ...sysPath.map((folder) => join(folder, basename(path)))]
      : /^libpython\d/.test(basename(path))
        ? [join(base, "lib", basename(path)), path]
        : [path];
  return candidates.find((candidate) => existsSync(candidate)) ?? null;
}

function libraryOwner(path: string): LibraryCompared["of"] {
  if (PACKAGED.test(path)) return "package";
  return OWN.test(path) || /^libpython\d/.test(basename(path)) ? "interpreter" : "system";
}

export type DigestFiles = (paths: readonly string[]) => ReadonlyMap<string, Known<Digest>>;

function compareLibraries(run: RunRecord, present: PresentEnvironment, digest: DigestFiles): LibraryCompared[] {
  const recorded = knownOr(run.environment.libraries, []);
  const places = new Map(recorded.map(({ path }) => [path, placeOf(path, present)] as const));
  const found = digest([...places.values()].flatMap((place) => (place === null ? [] : [place])));
  return recorded.map(({ path, role, digest: then }): LibraryCompared => {
    const place = places.get(path) ?? null;
    const facts = { path, role: role ?? null, present: place, used: true, of: libraryOwner(path) };
    if (place === null) return { ...facts, state: "missing" };
    const now = found.get(place) ?? unknown("not read");
    if (isUnknown(then) || isUnknown(now)) return { ...facts, state: "unknown" };
    return { ...facts, state: then === now ? "equal" : "other" };
  });
}

/** A recorded environment beside one that is here: interpreter, package by package, loaded library by loaded library. */
export function compareEnvironment(
  run: RunRecord,
  present: PresentEnvironment,
  platform: Known<string>,
  digest: DigestFiles,
): Known<EnvironmentReport> {
  const { python } = run.environment;
  if (isUnknown(python)) return unknown(python.unknown);
  if (isUnknown(python.packages)) return unknown(python.packages.unknown);
  if (isUnknown(present.packages)) return unknown(present.packages.unknown);
  const [then, now] = [python, present].map((one) => `${one.implementation} ${one.version}`);
  const sameVersion = then === now;
  const packages = comparePackages(python.packages, packagesAt(present));
  const libraries = compareLibraries(run, present, digest);
  const differs = ({ state }: Compared): boolean => state !== "equal";
  const tag = isUnknown(platform) ? null : platform;
  const samePlatform = tag === null || tag === present.platform;
  const used = [...packages, ...libraries].filter((item) => item.used && differs(item));
  return {
    python: { recorded: then ?? "", present: now ?? "", state: sameVersion ? "equal" : "other" },
    platform: {
      recorded: tag,
      present: present.platform,
      state: tag === null ? "unknown" : samePlatform ? "equal" : "other",
    },
    packages,
    libraries,
    same: sameVersion && samePlatform && ![...packages, ...libraries].some(differs),
    usedSame: sameVersion && samePlatform && used.length === 0,
  };
}
