import type { Sample } from "./sample.ts";

/** Where the program seeds a generator with the same value under every seed of ours; null: nowhere that was seen. */
export function ownSeed(samples: readonly Sample[]): string | null {
  const runs = samples.flatMap(({ run, failure, repeat }) =>
    run !== null && failure === null && repeat === 0 ? [run] : [],
  );
  const [first, ...others] = runs;
  const fixed = first?.seed.own.find(({ library, file, line, value }) =>
    others.every((run) =>
      run.seed.own.some(
        (one) => one.library === library && one.file === file && one.line === line && one.value === value,
      ),
    ),
  );
  return fixed === undefined || others.length === 0 ? null : `${fixed.file}:${fixed.line}, ${fixed.library}`;
}
