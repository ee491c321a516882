import { RepriseError, type RunId } from "#record";
import type { Database } from "../database.ts";
import { statements } from "../tables.ts";
import type { RunRef } from "./runs.ts";

interface Candidate {
  readonly id: string;
  readonly name: string | null;
  readonly started_at: string;
}

const HINT = "reprise ls";
const SHOWN = 8;

/** The beginning or ending of an id must be at least so long. */
const SHORTEST = 4;

function unknownRun(message: string): RepriseError {
  return new RepriseError("RUN_UNKNOWN", "missing", message, HINT);
}

const query = () => statements.selectFrom("runs").select(["id", "name", "started_at"]);

function byAge(database: Database, back: number): RunId {
  const found = database.first(
    query().where("replay_of", "is", null).orderBy("started_at", "desc").orderBy("id", "desc").limit(1).offset(back),
  );
  if (found !== undefined) return found.id;
  const all = database.all(query().where("replay_of", "is", null)).length;
  throw unknownRun(
    all === 0
      ? "there are no runs in this store yet"
      : `there are ${all} runs in this store: @last~${all - 1} is the first`,
  );
}

function byPart(database: Database, ref: string): Candidate[] {
  const digits = ref.toLowerCase().replaceAll("-", "");
  if (digits.length < SHORTEST || !/^[0-9a-z]+$/.test(digits)) return [];
  return database.all(query().orderBy("started_at", "desc").orderBy("id", "desc")).filter(({ id }) => {
    const whole = id.toLowerCase().replaceAll("-", "");
    return whole.startsWith(digits) || whole.endsWith(digits);
  });
}

function ambiguous(ref: string, found: readonly Candidate[]): RepriseError {
  const lines = found
    .slice(0, SHOWN)
    .map(({ id, name, started_at }) => `  ${id}  ${started_at}${name === null ? "" : `  ${name}`}`);
  if (found.length > SHOWN) lines.push(`  and ${found.length - SHOWN} more`);
  return new RepriseError(
    "RUN_AMBIGUOUS",
    "missing",
    `'${ref}' could be one of ${found.length} runs:\n${lines.join("\n")}`,
    "write more of the id",
  );
}

/** Why no run has that name: it was removed, or is not finished. */
function absent(database: Database, ref: string): RepriseError {
  const removed = database.first(
    statements.selectFrom("removed_runs").select(["id", "removed_at"]).where("id", "=", ref),
  );
  if (removed !== undefined) return unknownRun(`the run ${ref} was removed on ${removed.removed_at}`);
  const open = database.first(
    statements
      .selectFrom("open_runs")
      .select(["id", "started_at"])
      .where((is) => is.or([is("id", "=", ref), is("name", "=", ref)])),
  );
  if (open !== undefined) {
    return new RepriseError(
      "RUN_UNFINISHED",
      "missing",
      `the run ${open.id} of ${open.started_at} has no record: it is still running or broke off`,
      HINT,
    );
  }
  return unknownRun(`no run is called '${ref}'`);
}

/** The id of the run that a user means. */
export function resolveRun(database: Database, ref: RunRef): RunId {
  const back = /^@last(?:~(\d{1,9}))?$/.exec(ref);
  if (back !== null) return byAge(database, Number(back[1] ?? 0));
  const whole = database.first(query().where("id", "=", ref));
  if (whole !== undefined) return whole.id;
  const named = database.first(
    query().where("name", "=", ref).orderBy("started_at", "desc").orderBy("id", "desc").limit(1),
  );
  if (named !== undefined) return named.id;
  const found = byPart(database, ref);
  if (found.length > 1) throw ambiguous(ref, found);
  const [only] = found;
  if (only === undefined) throw absent(database, ref);
  return only.id;
}
