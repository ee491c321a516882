import { randomInt } from "node:crypto";
import { resolve } from "node:path";
import { type SetOrders, setOrders } from "#capture";
import { isUnknown, knownOr, type RunRecord } from "#record";

const CANDIDATES = 32;

const draw = (): string => String(randomInt(1, 2 ** 32 - 1));

/** Sources of the run's own code, as they lie in its project now: which seeds are worth trying is asked of them, and no more. */
function sourcesOf(run: RunRecord): string[] {
  const { argv, cwd, project } = run.command;
  const named = argv.filter((word) => /\.(?:py|ipynb)$/i.test(word)).map((word) => resolve(cwd, word));
  const imported = knownOr(run.modules, []).map(({ path }) => resolve(project, path));
  return [...new Set([...named, ...imported.filter((path) => path.endsWith(".py"))])];
}

/**
 * Hash seeds for replays. A set of two texts comes in the same order under half of all seeds, and a replay under one of
 * those would show nothing: each seed is the one, of some drawn at random, under which most comes in another order than in
 * the baseline that did not in the replays before.
 */
export class HashSeeds {
  #orders: ReadonlyMap<string, SetOrders> | null = null;
  readonly #used = new Set<string>();
  /** Sets and pairs that came in another order once. */
  readonly #seen = new Set<string>();

  constructor(private readonly run: RunRecord) {}

  async draw(): Promise<string> {
    this.#orders ??= await this.#load();
    const base = this.#orders.get(this.run.seed.hashSeed ?? "");
    const left = [...this.#orders].filter(([seed]) => seed !== this.run.seed.hashSeed && !this.#used.has(seed));
    if (base === undefined || left.length === 0) return draw();
    const gains = left.map(([seed, orders]) => ({ seed, apart: apartIn(base, orders) }));
    // Every other seed turns again what was written out as a set: whoever holds it has to see that in few replays.
    const again = this.#used.size % 2 === 1 ? 100 : 0.01;
    const worthOf = (name: string): number => {
      const isSet = name.startsWith("set");
      return this.#seen.has(name) ? (isSet ? again : 0.0001) : isSet ? 1000 : 1;
    };
    const worth = ({ apart }: { readonly apart: readonly string[] }): number =>
      apart.reduce((sum, name) => sum + worthOf(name), 0);
    const best = gains.reduce((one, other) => (worth(other) > worth(one) ? other : one));
    this.#used.add(best.seed);
    for (const name of best.apart) this.#seen.add(name);
    return best.seed;
  }

  async #load(): Promise<ReadonlyMap<string, SetOrders>> {
    const { python } = this.run.environment;
    const recorded = this.run.seed.hashSeed;
    if (isUnknown(python) || recorded === null) return new Map();
    const seeds = [recorded, ...Array.from({ length: CANDIDATES }, draw)];
    return setOrders(python.executable, sourcesOf(this.run), seeds);
  }
}

/** Which sets and pairs come in another order. */
function apartIn(a: SetOrders, b: SetOrders): string[] {
  const sets = a.sets.flatMap(([filled, constant], i) =>
    filled === b.sets[i]?.[0] || constant === b.sets[i]?.[1] ? [] : [`set ${i}`],
  );
  const pairs = Array.from({ length: a.pairs.length }, (_, i) => i).filter((i) => a.pairs[i] !== b.pairs[i]);
  return [...sets, ...pairs.map(String)];
}
