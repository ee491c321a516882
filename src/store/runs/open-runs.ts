import { readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { canonicalJson, RepriseError, type RunId } from "#record";
import type { Database } from "../database.ts";
import { makeFolders } from "../durable.ts";
import { corruptDatabase, guarded } from "../failure.ts";
import { type OpenRunsTable, statements } from "../tables.ts";
import { commandLine } from "./command-line.ts";
import { lifeOf, markOf, type ProcessMark } from "./process-mark.ts";
import { isWhole, sealed } from "./row-digest.ts";
import { isRunId } from "./run-id.ts";
import type { RunBegin, UnfinishedRun } from "./runs.ts";

const BEGIN = "begin.json";

/** What begin() tells in the folder of a run. */
export const readBegin = (folder: string): RunBegin & { readonly process: ProcessMark } =>
  JSON.parse(readFileSync(join(folder, BEGIN), "utf8")) as RunBegin & { readonly process: ProcessMark };

const STATES = { running: "running", ended: "broken", elsewhere: "elsewhere" } as const;

/** What begin() wrote into the run's folder. */
type Begun = Pick<OpenRunsTable, "name" | "started_at" | "command" | "replay_of"> & {
  readonly mark: ProcessMark;
};

/** Of a run whose row is damaged: what its folder says. Its id may be another by one bit: then there is no such folder. */
function told(root: string, folder: string): Begun {
  try {
    const { name, argv, startedAt, replayOf, process } = readBegin(folder);
    return { name, started_at: startedAt, command: commandLine(argv), replay_of: replayOf, mark: process };
  } catch {
    throw corruptDatabase(root, new Error("what it knows of an unfinished run is not what was written"));
  }
}

/** Runs that began and were not committed: a row each, and a folder for what they write meanwhile. */
export class OpenRuns {
  readonly #root: string;
  readonly #database: Database;
  readonly #folders: string;

  constructor(root: string, database: Database, folders: string) {
    this.#root = root;
    this.#database = database;
    this.#folders = folders;
  }

  folder(id: RunId): string {
    // SQLite gives out rows of nulls where its file is cut off.
    if ((id as unknown) === null) throw corruptDatabase(this.#root, new Error("a row without an id"));
    if (!isRunId(id)) throw new RepriseError("INTERNAL", "internal", `not an id for a run: ${JSON.stringify(id)}`);
    return join(this.#folders, id);
  }

  begin(id: RunId, begin: RunBegin): string {
    const folder = this.folder(id);
    const mark = markOf(begin.pid ?? process.pid);
    const startedAt = new Date(begin.startedAt).toISOString();
    this.#database.change(
      statements.insertInto("open_runs").values(
        sealed({
          id,
          name: begin.name,
          started_at: startedAt,
          command: commandLine(begin.argv),
          replay_of: begin.replayOf,
          process: canonicalJson(mark),
          details: canonicalJson(begin.details ?? null),
        }),
      ),
    );
    guarded(this.#root, "write", () => {
      makeFolders(folder);
      const told = canonicalJson({ ...begin, id, startedAt, process: mark });
      writeFileSync(join(folder, BEGIN), `${told}\n`, { mode: 0o600 });
    });
    return folder;
  }

  all(): UnfinishedRun[] {
    const rows = this.#database.all(statements.selectFrom("open_runs").selectAll().orderBy("started_at").orderBy("id"));
    return rows.map((row) => {
      const folder = this.folder(row.id);
      const { name, started_at, command, replay_of, mark } = isWhole(row)
        ? // Written by begin() above, in a column of its own.
          { ...row, mark: JSON.parse(row.process) as ProcessMark }
        : told(this.#root, folder);
      return {
        id: row.id,
        name,
        startedAt: started_at,
        command,
        replayOf: replay_of,
        pid: mark.pid,
        host: mark.host,
        state: STATES[lifeOf(mark)],
        folder,
      };
    });
  }

  /**
   * Since when, in ms, a run that is not broken may have put objects: by what it said, and by the clock of the file system
   * that their times are of. The two differ when a clock was set, and between machines.
   */
  begun(): number[] {
    return this.all()
      .filter(({ state }) => state !== "broken")
      .flatMap(({ startedAt, folder }) => {
        const stat = statSync(join(folder, BEGIN), { throwIfNoEntry: false });
        return [Date.parse(startedAt), ...(stat === undefined ? [] : [stat.mtimeMs])];
      });
  }

  /** Within a transaction: the run is no longer open. Says whether it was. */
  end(id: RunId): boolean {
    return this.#database.change(statements.deleteFrom("open_runs").where("id", "=", id)) > 0;
  }

  removeFolder(id: RunId): void {
    guarded(this.#root, "write", () => rmSync(this.folder(id), { recursive: true, force: true }));
  }
}
