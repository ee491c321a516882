import type { MetricPoint, MetricSeries } from "#record";

/** One number found on a line, as the content room reads it. */
export interface Reading {
  readonly name: string;
  readonly value: number;
  readonly step: number | null;
  readonly timing: boolean;
}

/** Points kept of one series; the rest are counted. */
const MOST_POINTS = 100_000;

/** Drawn over itself: a carriage return before the end, backspaces, the cursor moved up; or a bar, whole on its line. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const REDRAWN = /\r(?!$)|\x08|\x1b\[\d*[AFG]|\d%\s*\|.*\|/;

const MOST_POINTS_IN_ALL = 500_000;

interface Series {
  readonly name: string;
  readonly source: "stdout" | "stderr";
  readonly points: MetricPoint[];
  timing: boolean;
  redrawn: boolean;
  dropped: number;
}

/** Gathers the metrics of a run from its output lines, in the order they were printed. */
export class MetricCollector {
  readonly #series = new Map<string, Series>();

  constructor(private readonly parse: (line: string) => readonly Reading[]) {}

  /** Points of all series; when there are too many, lines are counted and no longer read: a torrent must not be held up. */
  #points = 0;
  readonly #unread = { stdout: 0, stderr: 0 };

  /** The readings that this line added; a redrawn line counts by its last state. */
  add(source: "stdout" | "stderr", line: string): readonly Reading[] {
    if (this.#points >= MOST_POINTS_IN_ALL) {
      this.#unread[source] += 1;
      return [];
    }
    const readings = this.parse(line);
    this.#points += readings.length;
    const redrawn = readings.length > 0 && REDRAWN.test(line);
    for (const reading of readings) this.#take(source, reading, redrawn);
    return readings;
  }

  #take(source: "stdout" | "stderr", reading: Reading, redrawn: boolean): void {
    const key = `${source}\0${reading.name}`;
    let series = this.#series.get(key);
    if (series === undefined) {
      series = { name: reading.name, source, points: [], timing: reading.timing, redrawn, dropped: 0 };
      this.#series.set(key, series);
    }
    series.redrawn ||= redrawn;
    series.timing ||= reading.timing;
    if (series.points.length < MOST_POINTS) series.points.push({ step: reading.step, value: reading.value });
    else series.dropped += 1;
  }

  finish(): MetricSeries[] {
    return [...this.#series.values()].map((series) => ({
      ...series,
      points: [...series.points],
      dropped: series.dropped + this.#unread[series.source],
    }));
  }
}
