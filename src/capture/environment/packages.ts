import { readFileSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { type Known, type PackageFact, type PackageOrigin, unknown } from "#record";
import { type CondaPackage, condaPackages } from "./conda.ts";
import { type Distribution, distributionsIn } from "./distribution.ts";
import { digestSources } from "./sources.ts";

/** A top-level or inner module and its file, as a process that imported it says. */
export type ImportedName = readonly [name: string, file: string];

/** Every package installed on `sys.path`, with its origin, and whether it was imported. Starts no interpreter. */
export function readPackages(
  sysPath: readonly string[],
  imported: readonly ImportedName[],
): Known<readonly PackageFact[]> {
  const folders = [...new Set(sysPath)].filter((folder) => folder !== "" && !folder.endsWith(".zip"));
  if (folders.length === 0) return unknown("sys.path is empty");
  const found = new Map<string, { distribution: Distribution; folder: string }>();
  for (const folder of folders) {
    for (const distribution of distributionsIn(folder)) {
      const key = normal(distribution.name);
      // The first on the path is the one that an import finds.
      if (!found.has(key)) found.set(key, { distribution, folder });
    }
  }
  const conda = condaOf(folders);
  const owners = ownersOf([...found.values()], imported);
  const packages = [...found.entries()].map(([key, { distribution }]): PackageFact => {
    const { name, version } = distribution;
    const isImported = owners.has(distribution);
    const origin = withConda(withSources(distribution, isImported), conda.get(key));
    return { name, version, origin, imported: isImported };
  });
  for (const [key, { name, version, channel }] of conda) {
    if (!found.has(key)) packages.push({ name, version, origin: { kind: "conda", channel }, imported: false });
  }
  return packages.sort((a, b) => (normal(a.name) < normal(b.name) ? -1 : 1));
}

/** Names are equal when they are after PEP 503. */
function normal(name: string): string {
  return name.toLowerCase().replace(/[-_.]+/g, "-");
}

function withSources(distribution: Distribution, imported: boolean): PackageOrigin {
  const { origin, place } = distribution;
  if (origin.kind !== "editable" || place === null || !imported) return origin;
  return { ...origin, digest: digestSources(place) };
}

function withConda(origin: PackageOrigin, conda: CondaPackage | undefined): PackageOrigin {
  if (conda === undefined || (origin.kind !== "conda" && origin.kind !== "unclear")) return origin;
  return { kind: "conda", channel: conda.channel };
}

/** Conda's own list lies three folders above site-packages: PREFIX/lib/python3.x/site-packages. */
function condaOf(folders: readonly string[]): Map<string, CondaPackage> {
  const prefixes = new Set(
    folders.filter((folder) => folder.endsWith("/site-packages")).map((folder) => dirname(dirname(dirname(folder)))),
  );
  return new Map(
    [...prefixes].flatMap((prefix) => condaPackages(prefix).map((item) => [normal(item.name), item] as const)),
  );
}

const LISTING_BUDGET = 16 * 1024 * 1024;

interface Installed {
  readonly distribution: Distribution;
  readonly folder: string;
}

/** The distributions that own an imported module: by their list of modules, by name, and last by their list of files. */
function ownersOf(installed: readonly Installed[], imported: readonly ImportedName[]): Set<Distribution> {
  const owners = new Set<Distribution>();
  const wanted = new Map<string, string[]>();
  for (const [name, file] of imported) {
    const top = name.split(".")[0] ?? name;
    const files = wanted.get(top);
    if (files === undefined) wanted.set(top, [file]);
    else files.push(file);
  }
  const byModule = new Map<string, Installed[]>();
  const unlisted: Installed[] = [];
  for (const item of installed) {
    const { modules, name } = item.distribution;
    if (modules === null) unlisted.push(item);
    for (const module of modules ?? [normal(name).replaceAll("-", "_"), name]) {
      const known = byModule.get(module);
      if (known === undefined) byModule.set(module, [item]);
      else if (!known.includes(item)) known.push(item);
    }
  }
  const listings = listingReader();
  const ownsOneOf = ({ distribution, folder }: Installed, files: readonly string[]): boolean => {
    if (distribution.place !== null) return files.some((file) => file.startsWith(`${distribution.place}/`));
    const inside = files.filter((file) => file.startsWith(`${folder}/`)).map((file) => file.slice(folder.length + 1));
    if (inside.length === 0) return false;
    const listing = listings(distribution);
    return listing === null || inside.some((file) => listing.includes(`${file},`));
  };
  for (const [top, files] of wanted) {
    const candidates = byModule.get(top) ?? [];
    const [only] = candidates;
    if (only !== undefined && candidates.length === 1 && isFrom(only, files)) {
      owners.add(only.distribution);
      continue;
    }
    const pool = candidates.length > 1 ? candidates : unlisted;
    for (const item of pool) if (ownsOneOf(item, files)) owners.add(item.distribution);
  }
  return owners;
}

/** Not shadowed by a file of the same name elsewhere. */
function isFrom({ distribution, folder }: Installed, files: readonly string[]): boolean {
  const place = distribution.place ?? folder;
  return files.some((file) => file.startsWith(`${place}/`));
}

/** Lists of files, within a budget: those of the largest packages take megabytes. */
function listingReader(): (distribution: Distribution) => string | null {
  const read = new Map<Distribution, string | null>();
  let left = LISTING_BUDGET;
  return (distribution) => {
    const known = read.get(distribution);
    if (known !== undefined) return known;
    let listing: string | null = "";
    const { listing: file } = distribution;
    const size = file === null ? 0 : (statSync(file, { throwIfNoEntry: false })?.size ?? 0);
    if (file !== null && size > 0 && size <= left) {
      left -= size;
      listing = readFileSync(file, "utf8");
    }
    read.set(distribution, listing);
    return listing;
  };
}
