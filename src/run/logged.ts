import { variesByName } from "#content";
import {
  type AgentEvent,
  LOGGERS,
  type Logger,
  type MetricPoint,
  type MetricSeries,
  PARSERS,
  type Param,
} from "#record";
import type { ProcessEvents } from "./agent-facts.ts";

type MetricEvent = Extract<AgentEvent, { e: "metric" }>;
type ParamEvent = Extract<AgentEvent, { e: "param" }>;

export interface Logged {
  readonly metrics: readonly MetricSeries[];
  readonly params: readonly Param[];
}

/** Points kept of one series; the agent of one process writes one more, several processes many. */
const MOST_POINTS = 100_000;

const PARAM_SOURCES: ReadonlySet<string> = new Set([...LOGGERS, ...PARSERS]);
const isLogger = (name: string): name is Logger => (LOGGERS as readonly string[]).includes(name);

/** Pids, and with them names of files, are others in each run; keys of processes are not. */
function inOrder(processes: readonly ProcessEvents[]): readonly ProcessEvents[] {
  const keyOf = ({ events }: ProcessEvents): string => {
    const start = events.find((event) => event.e === "hello" || event.e === "fork");
    return start?.e === "hello" || start?.e === "fork" ? start.proc : "";
  };
  return processes
    .map((one) => ({ one, key: keyOf(one) }))
    .toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ one }) => one);
}

/** The second run of a logger in one program is told apart: loss, loss #2. */
const nameOf = ({ name, run = 0 }: { readonly name: string; readonly run?: number }): string =>
  run === 0 ? name : `${name} #${run + 1}`;

class LoggedSeries {
  readonly points: MetricPoint[] = [];
  #dropped = 0;
  /** Of the dropped ones, those that went into a digest; and the digests, one for each process. */
  #digested = 0;
  readonly #rest: string[] = [];

  constructor(
    private readonly name: string,
    private readonly source: Logger,
    private readonly timing: boolean,
  ) {}

  add({ step, value, count = 0, rest }: MetricEvent): void {
    if (value === null) {
      // The first of them was written.
      this.#dropped += Math.max(0, count - MOST_POINTS - 1);
      if (rest === undefined) return;
      this.#digested += count - MOST_POINTS;
      this.#rest.push(rest);
    } else if (this.points.length < MOST_POINTS) this.points.push({ step, value: Number(value) });
    else this.#dropped += 1;
  }

  finish(unread: number): MetricSeries {
    const { name, source, points, timing } = this;
    const dropped = this.#dropped + unread;
    const rest = dropped > 0 && dropped === this.#digested ? { rest: this.#rest.join(" ") } : {};
    // A bar is told what to show as often as there is time for, in some programs: only its last state is a result.
    return { name, source, points, timing, redrawn: source === "tqdm", dropped, ...rest };
  }
}

/** With its name before it, a secret is known by that. */
function paramOf(event: ParamEvent, name: string, redacted: (text: string) => string): Param {
  const text = redacted(`${event.name}=${event.value}`);
  const value = text.startsWith(`${event.name}=`) ? text.slice(event.name.length + 1) : text;
  return { name, value, origin: event.src, ...(event.from === undefined ? {} : { from: redacted(event.from) }) };
}

/** What the program gave to its own loggers, and what parsers gave to it. `unread`: lines with metrics that were too many to be read. */
export function loggedBy(
  processes: readonly ProcessEvents[],
  unread: number,
  redacted: (text: string) => string,
): Logged {
  const series = new Map<string, LoggedSeries>();
  const params = new Map<string, Param>();
  for (const { events } of inOrder(processes))
    for (const event of events) {
      if (event.e === "param" && PARAM_SOURCES.has(event.src)) {
        const name = nameOf(event);
        params.set(`${event.src}\0${name}`, paramOf(event, name, redacted));
      }
      if (event.e !== "metric" || !isLogger(event.src)) continue;
      const name = nameOf(event);
      const key = `${event.src}\0${name}`;
      let found = series.get(key);
      if (found === undefined) {
        found = new LoggedSeries(name, event.src, variesByName(event.name));
        series.set(key, found);
      }
      found.add(event);
    }
  const standing = (source: string): number => LOGGERS.findIndex((one) => one === source);
  return {
    metrics: [...series.values()]
      .map((one) => one.finish(unread))
      .toSorted((a, b) => standing(a.source) - standing(b.source)),
    params: [...params.values()],
  };
}
