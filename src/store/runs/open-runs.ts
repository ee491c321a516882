import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { canonicalJson, RepriseError, type RunId } from "#record";
import type { Database } from "../database.ts";
import { makeFolders } from "../durable.ts";
import { guarded } from "../failure.ts";
import { statements } from "../tables.ts";
import { commandLine } from "./command-line.ts";
import { lifeOf, markOf, type ProcessMark } from "./process-mark.ts";
import type { RunBegin, UnfinishedRun } from "./runs.ts";

/** An id becomes the name of a folder: nothing else may come of it. */
const ID = /^[0-9A-Za-z][0-9A-Za-z_-]{0,99}$/;

const STATES = { running: "running", ended: "broken", elsewhere: "elsewhere" } as const;

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
    if (!ID.test(id)) throw new RepriseError("INTERNAL", "internal", `not an id for a run: ${JSON.stringify(id)}`);
    return join(this.#folders, id);
  }

  begin(id: RunId, begin: RunBegin): string {
    const folder = this.folder(id);
    const mark = markOf(begin.pid ?? process.pid);
    const startedAt = new Date(begin.startedAt).toISOString();
    this.#database.change(
      statements.insertInto("open_runs").values({
        id,
        name: begin.name,
        started_at: startedAt,
        command: commandLine(begin.argv),
        replay_of: begin.replayOf,
        process: canonicalJson(mark),
        details: canonicalJson(begin.details ?? null),
      }),
    );
    guarded(this.#root, "write", () => {
      makeFolders(folder);
      const told = canonicalJson({ ...begin, id, startedAt, process: mark });
      writeFileSync(join(folder, "begin.json"), `${told}\n`, { mode: 0o600 });
    });
    return folder;
  }

  all(): UnfinishedRun[] {
    const rows = this.#database.all(statements.selectFrom("open_runs").selectAll().orderBy("started_at").orderBy("id"));
    return rows.map((row) => {
      // Written by begin() above, in a column of its own.
      const mark = JSON.parse(row.process) as ProcessMark;
      return {
        id: row.id,
        name: row.name,
        startedAt: row.started_at,
        command: row.command,
        replayOf: row.replay_of,
        pid: mark.pid,
        host: mark.host,
        state: STATES[lifeOf(mark)],
        folder: this.folder(row.id),
      };
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
