import { type Engine, quoted } from "./engine.ts";

const WORDS = ["True", "TRUE", "true", "False", "FALSE", "false"].map(quoted).join(", ");
const AT_ONCE = 200;

/** What is counted of a column to judge it by. SQL takes 1_000 for a number and 1e400 for infinity. */
const judged = (id: string): string[] => [
  `count(${id}) AS n_${id}`,
  `count(*) FILTER (WHERE isfinite(TRY_CAST(${id} AS DOUBLE)) AND NOT contains(${id}, '_') OR isinf(TRY_CAST(${id} AS DOUBLE)) AND regexp_full_match(${id}, '\\s*[+-]?inf(inity)?\\s*', 'i')) AS number_${id}`,
  `count(*) FILTER (WHERE ${id} IN (${WORDS})) AS boolean_${id}`,
  `count(TRY_CAST(${id} AS TIMESTAMP)) AS time_${id}`,
];

const WHOLE = "\\s*[+-]?\\d+\\s*";
const DAY = "\\d{4}-\\d\\d-\\d\\d";
const TIME = `${DAY}[ T]\\d\\d:\\d\\d(:\\d\\d(\\.\\d+)?)?`;

async function counts(engine: Engine, source: string, wanted: readonly string[]): Promise<Record<string, number>> {
  if (wanted.length === 0) return {};
  const [row = {}] = await engine.query(`SELECT ${wanted.join(", ")} FROM ${source}`);
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, Number(value)]));
}

/** Types of columns, by all of their values, as pandas finds them; days and times by ISO 8601 alone. */
async function typesOf(engine: Engine, source: string, ids: readonly string[]): Promise<string[]> {
  const first = await counts(engine, source, ids.flatMap(judged));
  const all = (word: string, id: string): boolean => first[`${word}_${id}`] === first[`n_${id}`];
  const known = ids.filter((id) => (first[`n_${id}`] ?? 0) > 0);
  const numbers = known.filter((id) => all("number", id));
  const times = known.filter((id) => !all("number", id) && all("time", id));
  const second = await counts(engine, source, [
    ...numbers.flatMap((id) => [
      `count(*) FILTER (WHERE regexp_full_match(${id}, '${WHOLE}')) AS whole_${id}`,
      `count(TRY_CAST(${id} AS BIGINT)) AS long_${id}`,
      `count(TRY_CAST(${id} AS UBIGINT)) AS ulong_${id}`,
    ]),
    ...times.flatMap((id) => [
      `count(*) FILTER (WHERE regexp_full_match(${id}, '${DAY}')) AS day_${id}`,
      `count(*) FILTER (WHERE regexp_full_match(${id}, '${TIME}')) AS moment_${id}`,
    ]),
  ]);
  const every = (word: string, id: string): boolean => second[`${word}_${id}`] === first[`n_${id}`];
  return ids.map((id) => {
    if (!known.includes(id)) return "NULL";
    if (all("boolean", id)) return "BOOLEAN";
    if (numbers.includes(id)) {
      if (!every("whole", id)) return "DOUBLE";
      // Longer ones are numbers of nothing: ids.
      return every("long", id) ? "BIGINT" : every("ulong", id) ? "UBIGINT" : "VARCHAR";
    }
    return every("day", id) ? "DATE" : every("moment", id) ? "TIMESTAMP" : "VARCHAR";
  });
}

/** The same table with its columns typed. */
export async function typed(
  engine: Engine,
  source: string,
  count: number,
): Promise<{ source: string; types: string[] }> {
  const ids = Array.from({ length: count }, (_, index) => `c${index}`);
  const types: string[] = [];
  for (let start = 0; start < ids.length; start += AT_ONCE)
    types.push(...(await typesOf(engine, source, ids.slice(start, start + AT_ONCE))));
  const columns = ids.map((id, index) => {
    const type = types[index] ?? "VARCHAR";
    return type === "VARCHAR" || type === "NULL" ? id : `CAST(${id} AS ${type}) AS ${id}`;
  });
  return { source: `(SELECT ${columns.join(", ")} FROM ${source})`, types };
}
