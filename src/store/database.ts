import { chmodSync, closeSync, existsSync, openSync, statSync } from "node:fs";
import { DatabaseSync, type SQLInputValue, type SQLOutputValue, type StatementSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import type { Compilable } from "kysely";
import { corruptDatabase, guarded, sqliteCode } from "./failure.ts";

const BUSY_MS = 10_000;

/** The one place where a connection is set up. FULL: what was committed is there after a power cut. */
const EVERY_CONNECTION = "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF;";

const pause = (ms: number): void => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);

/** Going over to WAL does not wait for others by itself. */
function useWal(database: DatabaseSync): void {
  for (const end = Date.now() + BUSY_MS; ; pause(5)) {
    try {
      database.exec("PRAGMA journal_mode = WAL");
      return;
    } catch (error) {
      if (sqliteCode(error) !== 5 || Date.now() > end) throw error;
    }
  }
}

function connect(path: string, readonly: boolean): DatabaseSync {
  if (readonly) return connectToRead(path);
  if (!existsSync(path)) {
    // SQLite gives its -wal and -shm the mode of the database.
    closeSync(openSync(path, "a", 0o600));
    chmodSync(path, 0o600);
  }
  return new DatabaseSync(path, { timeout: BUSY_MS });
}

/** A log that nobody closed must be read too; without one, a folder that cannot be written to needs SQLite to look for none. */
function connectToRead(path: string): DatabaseSync {
  const logged = (statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0;
  try {
    const plain = new DatabaseSync(path, { readOnly: true, timeout: BUSY_MS });
    plain.prepare("SELECT count(*) FROM sqlite_master").get();
    return plain;
  } catch (error) {
    if (logged || (sqliteCode(error) !== 14 && sqliteCode(error) !== 8)) throw error;
    const url = pathToFileURL(path);
    url.search = "?immutable=1";
    return new DatabaseSync(url, { readOnly: true });
  }
}

export interface Access {
  readonly readonly: boolean;
  /** Whether it may be a new one. */
  readonly create: boolean;
}

/** A connection to one SQLite file: statements kept ready, failures told as the store's. */
export class Database {
  readonly #root: string;
  readonly #connection: DatabaseSync;
  readonly #ready = new Map<string, StatementSync>();

  private constructor(root: string, connection: DatabaseSync) {
    this.#root = root;
    this.#connection = connection;
  }

  /** `root` names the store in messages. */
  static open(root: string, path: string, access: Access): Database {
    return guarded(root, access.readonly ? "read" : "write", () => {
      // SQLite would make an empty one, and all that was in it would seem never to have been.
      if (!access.create && !existsSync(path)) throw corruptDatabase(root, new Error("meta.db is gone"));
      const connection = connect(path, access.readonly);
      try {
        connection.exec(EVERY_CONNECTION);
        if (!access.readonly) useWal(connection);
      } catch (error) {
        connection.close();
        throw error;
      }
      return new Database(root, connection);
    });
  }

  /** The rows of a query, typed by it. */
  all<Row>(query: Compilable<Row>): Row[] {
    const { sql, parameters } = query.compile();
    // The type is what kysely derived from Tables; the tables are made by migrations.ts, tested against each other.
    return this.#attempt(() => this.prepared(sql).all(...(parameters as SQLInputValue[])) as Row[]);
  }

  first<Row>(query: Compilable<Row>): Row | undefined {
    return this.all(query)[0];
  }

  /** How many rows a change touched. */
  change(query: Compilable<unknown>): number {
    const { sql, parameters } = query.compile();
    return this.#attempt(() => Number(this.prepared(sql).run(...(parameters as SQLInputValue[])).changes));
  }

  /** Row by row: for what may not fit into memory at once. */
  *rows(sql: string, ...values: SQLInputValue[]): Iterable<Readonly<Record<string, SQLOutputValue>>> {
    // Not one of the statements kept ready: it stays in use while the caller does other things.
    const statement = this.#attempt(() => this.#connection.prepare(sql));
    yield* statement.iterate(...values);
  }

  exec(sql: string): void {
    this.#attempt(() => this.#connection.exec(sql));
  }

  /** For the few statements that are run by the thousand. */
  prepared(sql: string): StatementSync {
    return this.#attempt(() => {
      const found = this.#ready.get(sql);
      if (found !== undefined) return found;
      const made = this.#connection.prepare(sql);
      this.#ready.set(sql, made);
      return made;
    });
  }

  /** All or nothing, and alone: the lock is taken at the start, so nothing that was read can be outdated at the end. */
  transaction<T>(work: () => T): T {
    return this.#attempt(() => {
      this.#connection.exec("BEGIN IMMEDIATE");
      try {
        const result = work();
        this.#connection.exec("COMMIT");
        return result;
      } catch (error) {
        if (this.#connection.isTransaction) this.#connection.exec("ROLLBACK");
        throw error;
      }
    });
  }

  close(): void {
    if (this.#connection.isOpen) this.#connection.close();
  }

  #attempt<T>(work: () => T): T {
    return guarded(this.#root, "write", work);
  }
}
