import { compareArrays } from "../array/dtype.ts";
import { type Difference, type Judge, within } from "../comparison.ts";
import { readPickles } from "../pickle/compare.ts";
import { type StorageUse, storagesOf } from "../pickle/storage.ts";
import { type Data, equalData } from "../source.ts";
import { Unreadable } from "../unseen.ts";
import type { Entry } from "./zip.ts";

type Entries = ReadonlyMap<string, readonly Entry[]>;
const STORAGE = /^data\/(\d+)$/;

/** The storages of tensors in an archive of torch, told by tensor and element as far as its pickle says what they hold. */
export class Storages {
  /** Names of those that were found equal. */
  #equal = new Set<string>();
  #uses: ReadonlyMap<string, StorageUse> | null = null;

  constructor(
    readonly a: Entries,
    readonly b: Entries,
    readonly judge: Judge,
  ) {}

  /** null: nothing is known of this entry. */
  compare(name: string, a: readonly Entry[], b: readonly Entry[]): Difference | "equal" | null {
    const key = STORAGE.exec(name)?.[1];
    const [x, y] = [a[0], b[0]];
    if (key === undefined || x === undefined || y === undefined || a.length !== 1 || b.length !== 1) return null;
    if (x.about !== y.about) return null;
    const [left, right] = [x.data(), y.data()];
    if (left.length !== right.length) return null;
    const use = this.#known().get(key);
    if (use === undefined) return null;
    const shape = use.shape ?? [left.length];
    const array = (data: Data) => ({ dtype: use.type, shape, order: "C" as const, data });
    const found = compareArrays(array(left), array(right));
    if (found === null) {
      this.#equal.add(name);
      return "equal";
    }
    return within(`tensor ${use.path}`, { ...found, where: `${found.where}${this.#among(name)}` });
  }

  #among(first: string): string {
    let [all, apart] = [0, 0];
    for (const [name, entries] of this.a) {
      const [x, y] = [entries[0], this.b.get(name)?.[0]];
      if (!STORAGE.test(name) || x === undefined || y === undefined) continue;
      all += 1;
      if (name === first || (!this.#equal.has(name) && !equalData(x.data(), y.data()))) apart += 1;
    }
    return all < 2 ? "" : `, in ${apart} of ${all} tensors`;
  }

  #known(): ReadonlyMap<string, StorageUse> {
    if (this.#uses !== null) return this.#uses;
    this.#uses = new Map();
    const pickle = this.a.get("data.pkl")?.[0];
    if (pickle === undefined) return this.#uses;
    try {
      this.#uses = storagesOf(readPickles(pickle.data(), this.judge));
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error; // told where the pickle itself is compared
    }
    return this.#uses;
  }
}
