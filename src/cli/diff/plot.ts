import type { MetricSeries } from "#record";
import { brief } from "../render/words.ts";
import type { DiffLook } from "./look.ts";

const RAMPS = { blocks: "▁▂▃▄▅▆▇█", digits: "0123456789" } as const;
const LEAST_POINTS = 3;
const LABELS = 10;
/** From here on a straight scale shows the beginning of a falling loss and nothing else. */
const LOG_RATIO = 50;

/** One value for each column of the plot: the mean of the points that fall there; NaN where a point is none. */
function resample(values: readonly number[], length: number, width: number): (number | null)[] {
  const columns = Math.min(width, length);
  return Array.from({ length: columns }, (_, column) => {
    const from = Math.floor((column * length) / columns);
    const to = Math.max(from + 1, Math.floor(((column + 1) * length) / columns));
    const some = values.slice(from, to);
    return some.length === 0 ? null : some.reduce((sum, value) => sum + value, 0) / some.length;
  });
}

function draw(values: readonly (number | null)[], low: number, high: number, ramp: string): string {
  const top = ramp.length - 1;
  return values
    .map((value) => {
      if (value === null) return " ";
      if (!Number.isFinite(value)) return "×";
      const level = high > low ? Math.round(((value - low) / (high - low)) * top) : 0;
      return ramp[Math.min(top, Math.max(0, level))] ?? "";
    })
    .join("");
}

const finite = (list: readonly (number | null)[]): number[] =>
  list.filter((value): value is number => value !== null && Number.isFinite(value));

/** Two series one above the other on one scale, and how far they are apart on its own. */
export function plotLines(a: MetricSeries, b: MetricSeries, look: DiffLook): string[] {
  if (look.plot === "none") return [];
  const ramp = RAMPS[look.plot];
  const [x, y] = [a.points.map((point) => point.value), b.points.map((point) => point.value)];
  const length = Math.max(x.length, y.length);
  const width = Number.isFinite(look.columns) ? Math.min(120, look.columns - LABELS) : 60;
  if (Math.min(x.length, y.length) < LEAST_POINTS || width < LEAST_POINTS) return [];
  const [left, right] = [resample(x, length, width), resample(y, length, width)];
  const known = finite([...left, ...right]);
  if (known.length === 0) return [];
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const log = low > 0 && high / low >= LOG_RATIO;
  const scaled = (value: number | null): number | null => (log && value !== null ? Math.log(value) : value);
  const curve = (values: readonly (number | null)[]): string =>
    draw(values.map(scaled), scaled(low) ?? low, scaled(high) ?? high, ramp);
  const gaps = x.slice(0, y.length).map((value, i) => Math.abs(value - (y[i] ?? Number.NaN)));
  const apart = resample(gaps, length, width);
  const most = Math.max(0, ...finite(apart));
  const { cyan, magenta, dim } = look.colors;
  return [
    `      ${cyan("A")} ${cyan(curve(left))}`,
    `      ${magenta("B")} ${magenta(curve(right))}`,
    `      ≠ ${draw(apart, 0, most, ramp)}`,
    `        ${dim(`A and B: lowest ${brief(low)}, highest ${brief(high)}${log ? ", log scale" : ""}; ≠: 0 to ${brief(most)}`)}`,
  ];
}
