import { RepriseError } from "#record";
import { openTable } from "./table.ts";

const SHOWN = 10;

export interface LeakReport {
  readonly files: readonly { readonly path: string; readonly rows: number; readonly keys: number }[];
  /** Pairs of files with keys in common. */
  readonly leaks: readonly Leak[];
}

interface Leak {
  readonly a: string;
  readonly b: string;
  /** How many keys both have. */
  readonly keys: number;
  /** Rows of `b` whose key is in `a`. */
  readonly rows: number;
  readonly examples: readonly string[];
}

/** Whether rows of one key lie in two files: what was learned from one is then known of the other. Rows without a key are not asked. */
export function checkLeaks(paths: readonly string[], keys: readonly string[]): LeakReport {
  if (paths.length < 2)
    throw new RepriseError(
      "USAGE",
      "usage",
      "--check needs two files or more",
      "data split --check a.csv b.csv --key id",
    );
  const counted = paths.map((path) => {
    const counts = new Map<string, number>();
    let rows = 0;
    for (const { key } of openTable(path, keys).rows()) {
      rows += 1;
      if (key !== null) counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    return { path, rows, counts };
  });
  const leaks = counted.flatMap((one, index) =>
    counted.slice(index + 1).flatMap((other): Leak[] => {
      const shared = [...other.counts].filter(([key]) => one.counts.has(key));
      if (shared.length === 0) return [];
      const rows = shared.reduce((sum, [, count]) => sum + count, 0);
      const examples = shared.slice(0, SHOWN).map(([key]) => key.replaceAll("\0", ", "));
      return [{ a: one.path, b: other.path, keys: shared.length, rows, examples }];
    }),
  );
  return { files: counted.map(({ path, rows, counts }) => ({ path, rows, keys: counts.size })), leaks };
}
