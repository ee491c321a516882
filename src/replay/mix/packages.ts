import { existsSync, mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { installPackage } from "#exec";
import { type AgentEvent, knownOr, type RunRecord } from "#record";
import type { Store } from "#store";
import type { Aspect } from "./aspect.ts";
import type { Ingredient, Unmixable } from "./ingredient.ts";
import { type Found, findInstalled, isPure, isWanted, linkPackage } from "./overlay.ts";
import { buildOf, type PackageNeed, packagesOf, tagOf } from "./package-need.ts";

interface Side {
  readonly run: RunRecord;
  readonly sysPath: readonly string[];
}

export interface Sides {
  readonly a: Side;
  readonly b: Side;
}

export function sideOfRun(run: RunRecord, events: readonly AgentEvent[]): Side {
  const hello = events.find((event) => event.e === "hello" && event.lang === "python");
  return { run, sysPath: hello?.e === "hello" ? hello.path : [] };
}

/** Where a package can be had in the version that a run had; kept by interpreter, name and version. */
export class PackageShelf {
  readonly #sides: Sides;
  readonly #store: Store;
  readonly #env: Readonly<Record<string, string>>;
  readonly #failed = new Map<string, string>();

  constructor(sides: Sides, store: Store, env: Readonly<Record<string, string>>) {
    this.#sides = sides;
    this.#store = store;
    this.#env = env;
  }

  /** null: the environment of that side has it already. Text: why it is not to be had. */
  async locate(need: PackageNeed, base: "a" | "b"): Promise<Found | null | string> {
    const own = this.#sides[base];
    const present = findInstalled(own.sysPath, need.name);
    if (need.version === null)
      return present === null
        ? null
        : `run ${need.of.toUpperCase()} did not have ${need.name}, and a replay cannot hide it`;
    if (isWanted(present, need) && (need.of === base || need.origin?.kind !== "editable")) return null;
    if (need.origin?.kind === "editable")
      return `${need.name} was installed in place from ${need.origin.path}, and its sources were not kept`;
    const other = findInstalled(this.#sides[need.of].sysPath, need.name);
    const fits =
      other !== null && isWanted(other, need) && (tagOf(own.run) === tagOf(this.#sides[need.of].run) || isPure(other));
    if (fits) return other;
    if (need.origin?.kind === "vcs" || need.origin?.kind === "file")
      return `${need.name} ${need.version} did not come from a registry, and its environment has changed`;
    return this.#install(need.name, need.version, own.run);
  }

  async #install(name: string, version: string, run: RunRecord): Promise<Found | string> {
    const python = knownOr(run.environment.python, null);
    if (python === null) return "the interpreter is not known";
    const tag = `${tagOf(run) ?? "python"}-${name}-${version}`.replace(/[^\w.+-]/g, "_");
    const folder = join(this.#store.root, "cache", "packages", tag, "site-packages");
    const before = existsSync(folder) ? findInstalled([folder], name) : null;
    if (before !== null) return before;
    const failed = this.#failed.get(tag);
    if (failed !== undefined) return failed;
    mkdirSync(dirname(dirname(folder)), { recursive: true });
    const fresh = mkdtempSync(join(dirname(dirname(folder)), ".new-"));
    try {
      const target = join(fresh, "site-packages");
      const failure = await installPackage({ python: python.executable, name, version, target, env: this.#env });
      if (failure !== null) {
        this.#failed.set(tag, failure);
        return failure;
      }
      rmSync(dirname(folder), { recursive: true, force: true });
      renameSync(fresh, dirname(folder));
      return findInstalled([folder], name) ?? `pip put no ${name} where it was told to`;
    } finally {
      rmSync(fresh, { recursive: true, force: true });
    }
  }

  /** A folder of links with the packages that the environment lacks; null when it lacks none. Text: why not. */
  async overlay(needs: readonly PackageNeed[], base: "a" | "b"): Promise<Overlay | null | string> {
    const found: Found[] = [];
    for (const need of needs) {
      const place = await this.locate(need, base);
      if (typeof place === "string") return place;
      if (place !== null) found.push(place);
    }
    if (found.length === 0) return null;
    const folder = mkdtempSync(join(realpathSync(tmpdir()), "reprise-packages-"));
    // By this name the agent knows a folder of libraries.
    const path = join(folder, "site-packages");
    for (const one of found) linkPackage(one, path);
    return { path, remove: () => rmSync(folder, { recursive: true, force: true }) };
  }
}

export interface Overlay {
  readonly path: string;
  remove(): void;
}

interface Pair {
  readonly ingredient: Ingredient;
  readonly a: PackageNeed;
  readonly b: PackageNeed;
}

/** Packages that one of the runs imported and that differ. */
function pairsOf(a: RunRecord, b: RunRecord): Pair[] {
  const [left, right] = [packagesOf(a), packagesOf(b)];
  const names = [...new Set([...left.keys(), ...right.keys()])].sort();
  return names.flatMap((key): Pair[] => {
    const [x, y] = [left.get(key), right.get(key)];
    if (x?.imported !== true && y?.imported !== true) return [];
    const [from, to] = [buildOf(x?.origin ?? null), buildOf(y?.origin ?? null)];
    if (x?.version === y?.version && from === to) return [];
    const name = y?.name ?? x?.name ?? key;
    const need = (of: "a" | "b", item: typeof x): PackageNeed => ({
      name,
      version: item?.version ?? null,
      origin: item?.origin ?? null,
      of,
    });
    const say = (version: string | undefined, build: string): string =>
      version === undefined ? "not installed" : build === "" ? version : `${version} (${build.slice(0, 16)})`;
    const [before, after] = [say(x?.version, from), say(y?.version, to)];
    const words = `${name} ${before} → ${after}`;
    const ingredient: Ingredient = {
      kind: "package-version",
      name,
      file: null,
      line: null,
      words,
      a: before,
      b: after,
    };
    return [{ ingredient, a: need("a", x), b: need("b", y) }];
  });
}

/** Packages one by one. */
export async function packageAspect(a: RunRecord, b: RunRecord, shelf: PackageShelf): Promise<Aspect> {
  const mixable: Pair[] = [];
  const unmixable: Unmixable[] = [];
  for (const pair of pairsOf(a, b)) {
    const place = await shelf.locate(pair.a, "b");
    if (typeof place === "string") unmixable.push({ ingredient: pair.ingredient, reason: place });
    else mixable.push(pair);
  }
  return {
    ingredients: mixable.map((pair) => pair.ingredient),
    unmixable,
    apply(choice, draft) {
      draft.packages = mixable.map((pair) => (choice.has(pair.ingredient) ? pair.a : pair.b));
    },
  };
}
