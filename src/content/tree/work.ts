import { nameClass } from "../name-class.ts";
import type { Origins } from "../origin.ts";
import { isDuration } from "../text/benign.ts";
import { nameUnder } from "./key.ts";
import type { Node, Scalar } from "./node.ts";

/** A number that stands beside others, in both runs: under a key of the same object, in a cell of the same row. */
export interface Beside {
  readonly name: string;
  readonly a: Scalar;
  readonly b: Scalar;
}

/** Numbers with fewer digits show nothing: with the tolerance that they need anything would fit. */
const MOST_ROUNDING = 0.05;
/** The clock is often read once for the speed and once more for the duration. */
const READ_AGAIN = 1e-3;

/**
 * Whether a bare "speed" is one of the run: beside it stands how long something took, and speed times duration is the same
 * work in both runs, as far as the digits that were written tell. That of a robot does not follow the clock.
 */
export function isOfSameWork(speed: Beside, others: readonly Beside[], origins: Origins): boolean {
  return others.some((time) => {
    if (nameClass(time.name) !== "time" || time.a.text === time.b.text) return false;
    const [left, right] = [[speed.a, time.a, origins.a] as const, [speed.b, time.b, origins.b] as const].map(
      ([rate, took, origin]) => {
        const seconds = took.value ?? -1;
        if (seconds <= 0 || !isDuration(origin, seconds, time.name, took.text)) return null;
        return { work: (rate.value ?? 0) * seconds, rounding: rounding(rate) + rounding(took) };
      },
    );
    if (left == null || right == null || left.work <= 0 || right.work <= 0) return false;
    const most = left.rounding + right.rounding + READ_AGAIN;
    return most <= MOST_ROUNDING && Math.abs(left.work - right.work) <= most * Math.max(left.work, right.work);
  });
}

/** The name that an entry gives its value: "speed" is the run's own only beside the time that shows it. */
export function nameOfEntry(
  a: readonly (readonly [Node, Node])[],
  b: readonly (readonly [Node, Node])[],
  index: number,
  above: string,
  origins: Origins,
): string {
  const key = a[index]?.[0];
  const own = key === undefined ? "" : nameUnder(a, key, above);
  if (nameClass(own) !== "pace") return own;
  const beside = a.map(([other, value], at) => besideOf(other.kind === "text" ? other.text : "", value, b[at]?.[1]));
  const speed = beside[index];
  const others = beside.filter((other) => other !== null);
  return speed != null && isOfSameWork(speed, others, origins) ? `${own} per second` : own;
}

const besideOf = (name: string, a: Node, b: Node | undefined): Beside | null =>
  a.kind === "scalar" && b?.kind === "scalar" ? { name, a, b } : null;

/** How far, relative to itself, a number may be from what was rounded to it. */
function rounding({ text, value = 0 }: Scalar): number {
  const decimals = /\.(\d+)/.exec(text)?.[1]?.length ?? 0;
  const power = Number(/[eE]([-+]?\d+)/.exec(text)?.[1] ?? 0);
  return (0.5 * 10 ** (power - decimals)) / Math.abs(value);
}
