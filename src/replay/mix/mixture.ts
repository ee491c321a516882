import { type AgentEvent, type Digest, type InputFile, isUnknown, knownOr, type RunRecord } from "#record";
import type { Store } from "#store";
import { type Bundles, bundlesOf } from "../change/bundles.ts";
import { projectFiles } from "../change/project-files.ts";
import { type StandingLines, standingLines } from "../change/standing.ts";
import { type Tree, treeOf, writeTree } from "../change/tree.ts";
import { eventsOf } from "../replay.ts";
import type { Conditions } from "../vary/conditions.ts";
import { argumentAspect } from "./arguments.ts";
import type { Aspect, Draft } from "./aspect.ts";
import { fileAspect } from "./file-aspect.ts";
import { type Choice, type Ingredient, idOf, type Unmixable } from "./ingredient.ts";
import { interpreterAspect } from "./interpreter.ts";
import { leftoverFolders, withFiles } from "./leftover-folders.ts";
import { leftoverAspect } from "./leftovers.ts";
import { machineDifferences } from "./machine.ts";
import { namedSeedAspect } from "./named-seeds.ts";
import type { PackageNeed } from "./package-need.ts";
import { PackageShelf, packageAspect, sideOfRun } from "./packages.ts";
import { readingAspect } from "./readings.ts";
import { seedAspect } from "./seeds.ts";
import { settingAspect } from "./setting.ts";
import { variableAspect } from "./variables.ts";

export interface MixContext {
  readonly store: Store;
  readonly version: string;
  /** The present environment: gives what the records keep only as an HMAC. */
  readonly env: Readonly<Record<string, string>>;
  /** Parent of the fresh folders; the system's temporary folder when left out. */
  readonly parent?: string;
  readonly keep?: boolean;
}

/** A run that never was, put together from two that were: what replay() needs to do it. */
export interface MixedRun {
  readonly record: RunRecord;
  readonly conditions: Conditions;
  readonly packages: readonly PackageNeed[];
  readonly base: "a" | "b";
}

/** Two runs and everything in which they differ. */
export interface Mixture {
  readonly a: RunRecord;
  readonly b: RunRecord;
  readonly eventsA: readonly AgentEvent[];
  readonly eventsB: readonly AgentEvent[];
  readonly context: MixContext;
  readonly ingredients: readonly Ingredient[];
  readonly unmixable: readonly Unmixable[];
  /** Finer ingredients that one stands for: the rows of a data file. All of them taken are that one taken. */
  readonly finer: ReadonlyMap<Ingredient, readonly Ingredient[]>;
  /** Ingredients that hang together, as far as their texts tell. */
  readonly bundles: Bundles["bundles"];
  readonly renames: Bundles["renames"];
  readonly unlikely: Bundles["unlikely"];
  /** A name for each, the same in every invocation. */
  readonly names: ReadonlyMap<Ingredient, string>;
  readonly shelf: PackageShelf;
  mix(choice: Choice): MixedRun;
  /** Lines of B that stand for those of the mixture, by file. */
  standing(choice: Choice): ReadonlyMap<string, StandingLines>;
}

/** Causes found most often come first; a search looks at the first half first. */
const ORDER: readonly string[] =
  "code config seed data-content data-order package-version unseeded-rng threads hash-order environment-variable hardware leftover-state listing-order os-entropy wall-clock other".split(
    " ",
  );

function union<T>(a: readonly T[], b: readonly T[], key: (item: T) => string): T[] {
  return [...new Map([...a, ...b].map((item) => [key(item), item])).values()];
}

/** What both runs read: a file that only A read is there for a mixture too, as far as it is no difference. */
function inputsOf(a: RunRecord, b: RunRecord, settled: ReadonlySet<string>, store: Store): Map<string, InputFile> {
  const key = (input: InputFile): string => `${input.scope}\0${input.path}`;
  const found = new Map(knownOr(b.inputs, []).map((input) => [key(input), input]));
  for (const input of knownOr(a.inputs, [])) {
    if (found.has(key(input)) || isUnknown(input.digest)) continue;
    if (input.scope === "project" ? settled.has(input.path) : !isStill(input.path, input.digest, store)) continue;
    found.set(key(input), input);
  }
  return found;
}

function isStill(path: string, digest: Digest, store: Store): boolean {
  const now = store.files.digestFiles([path]).get(path);
  return now !== undefined && !isUnknown(now) && now.digest === digest;
}

function begin(b: RunRecord, inputs: ReadonlyMap<string, InputFile>, tree: Tree): Draft {
  return {
    argv: b.command.argv,
    executable: b.command.executable,
    workdir: b.command.workdir,
    terminal: b.terminal,
    environment: b.environment,
    variables: new Map(b.variables.map((fact) => [fact.name, fact])),
    code: b.code,
    inputs: new Map(inputs),
    tree: new Map(tree),
    policy: b.policy,
    seedMode: b.seed.mode,
    root: b.seed.root,
    hashSeed: b.seed.hashSeed,
    namedSeeds: [],
    streams: new Map(),
    heldEvents: [],
    lines: new Map(),
    packages: [],
  };
}

function finish(draft: Draft, a: RunRecord, b: RunRecord, store: Store): { record: RunRecord; conditions: Conditions } {
  const { policy: _, ...own } = b;
  const record: RunRecord = {
    ...own,
    ...(draft.policy === undefined ? {} : { policy: draft.policy }),
    command: { ...b.command, argv: draft.argv, executable: draft.executable, workdir: draft.workdir },
    terminal: draft.terminal,
    environment: draft.environment,
    variables: [...draft.variables.values()],
    code: draft.code,
    inputs: isUnknown(b.inputs) ? b.inputs : [...draft.inputs.values()],
    tree: isUnknown(b.tree) ? b.tree : writeTree(draft.tree.values(), store),
    // What either run wrote to a path of its own is guarded against this one.
    outputs: union(knownOr(a.outputs, []), knownOr(b.outputs, []), (file) => `${file.scope}\0${file.path}`),
    seed: { ...b.seed, mode: draft.seedMode, root: draft.root, hashSeed: draft.hashSeed, named: draft.namedSeeds },
  };
  const conditions: Conditions = {
    root: draft.root,
    streams: draft.streams,
    hashSeed: draft.hashSeed,
    listingSalt: null,
    heldEvents: draft.heldEvents,
    fill: null,
    fileTimes: "recorded",
    locate: false,
  };
  return { record, conditions };
}

/** Everything in which two recorded runs differ, as far as records tell, and how to put any mixture of them together. */
export async function ingredientsOf(a: RunRecord, b: RunRecord, context: MixContext): Promise<Mixture> {
  const { store, env } = context;
  const [eventsA, eventsB] = [eventsOf(a, store), eventsOf(b, store)];
  const trees = { a: treeOf(a, store), b: treeOf(b, store) };
  const files = await projectFiles(a, b, trees, { store, env });
  const code = fileAspect(files, { a, b }, trees, store);
  const shelf = new PackageShelf({ a: sideOfRun(a, eventsA), b: sideOfRun(b, eventsB) }, store, env);
  const interpreter = interpreterAspect(a, b);
  const settled = new Set([...files.a.keys(), ...files.b.keys()]);
  const inputs = inputsOf(a, b, settled, store);
  const [tracedA, tracedB] = [
    { run: a, events: eventsA },
    { run: b, events: eventsB },
  ];
  // Files first: the others ask where lines have gone. The interpreter before what is laid over it.
  const aspects: Aspect[] = [
    code,
    leftoverAspect(a, trees, settled),
    interpreter,
    argumentAspect(a, b),
    variableAspect(a, b),
    await packageAspect(a, b, shelf),
    seedAspect(tracedA, tracedB, code.changes),
    namedSeedAspect(a, b),
    readingAspect(tracedA, tracedB, code.changes),
    settingAspect(a, b),
  ];
  const rank = (one: Ingredient): number => (ORDER.includes(one.kind) ? ORDER.indexOf(one.kind) : ORDER.length);
  const finer = new Map(
    code.changes.flatMap(({ ingredients, rows }) =>
      rows.length > 0 && ingredients[0] !== undefined ? [[ingredients[0], rows] as const] : [],
    ),
  );
  const bundled = bundlesOf(code.changes, lookedAt(a, b), store);
  const { unlikely } = bundled;
  const single = aspects.flatMap((aspect) => aspect.ingredients);
  const folders = leftoverFolders(single, trees);
  const inFolders = new Set([...folders.values()].flat());
  const ingredients = [...single.filter((one) => !inFolders.has(one)), ...folders.keys()].toSorted(
    (x, y) => (unlikely.has(x) ? 1 : 0) - (unlikely.has(y) ? 1 : 0) || rank(x) - rank(y),
  );
  // From a moment of one run to a moment of the other no time has passed: where one reading comes from, all do at first.
  const clocks = ingredients.filter(({ kind }) => kind === "wall-clock");
  return {
    a,
    b,
    eventsA,
    eventsB,
    context,
    shelf,
    finer,
    ...bundled,
    bundles: clocks.length > 1 ? [...bundled.bundles, clocks] : bundled.bundles,
    ingredients,
    names: namesOf([...ingredients, ...code.changes.flatMap((change) => change.rows)]),
    standing: (choice) =>
      new Map(
        code.changes.flatMap((change) => {
          const lines = standingLines(change, choice);
          return lines === null ? [] : [[change.path, lines] as const];
        }),
      ),
    unmixable: [...unknownCode(a, b), ...aspects.flatMap((aspect) => aspect.unmixable), ...machineDifferences(a, b)],
    mix(choice) {
      const draft = begin(b, inputs, trees.b);
      const all = withFiles(choice, folders);
      for (const aspect of aspects) aspect.apply(all, draft);
      return {
        ...finish(draft, a, b, store),
        packages: draft.packages,
        base: interpreter.base(choice),
        lines: draft.lines,
      };
    },
  };
}

/** Files of the project that one of the runs was seen to read or to import; null: not everything was seen. */
function lookedAt(...runs: readonly RunRecord[]): Set<string> | null {
  if (runs.some(({ modules, inputs, agent }) => isUnknown(modules) || isUnknown(inputs) || agent.state !== "attached"))
    return null;
  return new Set(
    runs.flatMap(({ modules, inputs }) => [
      ...knownOr(modules, []).map((module) => module.path),
      ...knownOr(inputs, []).flatMap((input) => (input.scope === "project" ? [input.path] : [])),
    ]),
  );
}

/** Two generators made on one line look alike: they are counted. */
function namesOf(ingredients: readonly Ingredient[]): Map<Ingredient, string> {
  const seen = new Map<string, number>();
  return new Map(
    ingredients.map((one) => {
      const name = idOf(one);
      const count = (seen.get(name) ?? 0) + 1;
      seen.set(name, count);
      return [one, count === 1 ? name : `${name}-${count}`];
    }),
  );
}

function unknownCode(a: RunRecord, b: RunRecord): Unmixable[] {
  return [a, b].flatMap((run, i): Unmixable[] => {
    if (!isUnknown(run.code)) return [];
    const side = i === 0 ? "A" : "B";
    const plain = { file: null, line: null, a: null, b: null } as const;
    const ingredient: Ingredient = {
      kind: "code",
      name: "code",
      words: `the code of run ${side} was not recorded`,
      ...plain,
    };
    return [{ ingredient, reason: run.code.unknown }];
  });
}
