import { plainName, plainValue } from "#compare";
import { canonicalJson, type Json, type RunRecord } from "#record";
import type { Store } from "#store";
import type { Sample } from "./sample.ts";
import type { Start } from "./start.ts";

/** Names under which programs keep the seed that tells one sample of a recipe from the next. */
const SEED = /(?:^|[._-])(?:seeds?|random_state|rng)$/i;

/** What an imported run was made of, as far as that is known: its experiment and its parameters, but for seeds. */
function recipeOf({ imported, tags, params }: RunRecord): string {
  const own = params.filter(({ name }) => !SEED.test(plainName(name)));
  const told = own.map(({ name, value }) => `${plainName(name)}=${plainValue(value)}`).toSorted();
  return canonicalJson([imported?.from ?? "", tags.experiment ?? "", told] as unknown as Json);
}

/** The values of its seeds; null where none is recorded. */
function seedsOf({ params }: RunRecord): string | null {
  const own = params.filter(({ name }) => SEED.test(plainName(name)));
  return own.length === 0 ? null : own.map(({ name, value }) => `${name}=${plainValue(value)}`).join(" ");
}

/** The imported runs with this one's recipe, itself among them; a run of our own stands alone. */
function alike(run: RunRecord, store: Store): RunRecord[] {
  if (run.imported === undefined) return [run];
  const recipe = recipeOf(run);
  const ids = store.runs.list().map(({ id }) => id);
  const others = ids.filter((id) => id !== run.id).map((id) => store.runs.get(id));
  const same = others.filter((one) => one.imported !== undefined && recipeOf(one) === recipe);
  // Of runs under one seed only one counts, and of those the run that was asked about.
  const bySeed = new Map([...same.toReversed(), run].map((one) => [seedsOf(one) ?? one.id, one]));
  return [...bySeed.values()].toSorted((x, y) => (x.startedAt < y.startedAt ? -1 : 1));
}

export interface RecordedSamples {
  readonly samples: Readonly<Record<"a" | "b", readonly Sample[]>>;
  readonly starts: ReadonlyMap<Sample, Start>;
  readonly note: string;
}

/** Where a side was imported nothing can be done again: the runs that are there with the same recipe are its samples. */
export function recordedSamples(a: RunRecord, b: RunRecord, store: Store): RecordedSamples {
  const starts = new Map<Sample, Start>();
  const samplesOf = (run: RunRecord): Sample[] =>
    alike(run, store).map((one, seed) => {
      const sample = { seed, repeat: 0, run: one, failure: null, reused: true, warnings: [] };
      const course = canonicalJson(
        one.metrics.map(({ name, points }) => [name, points.map(({ value }) => String(value))]) as unknown as Json,
      );
      starts.set(sample, { kind: null, text: "", course });
      return sample;
    });
  const samples = { a: samplesOf(a), b: samplesOf(b) };
  const count = `${samples.a.length} of A and ${samples.b.length} of B`;
  const note = `imported runs cannot be done again: the samples are the runs with the same experiment and parameters but for seeds, ${count}`;
  return { samples, starts, note };
}
