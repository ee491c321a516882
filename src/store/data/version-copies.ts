import { readFileSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { canonicalJson, digestHex, digestOf } from "#record";
import { makeFolders, syncFolder, writeFileSynced } from "../durable.ts";
import { systemCode } from "../failure.ts";
import type { Layout } from "../layout.ts";
import type { DataRow } from "./data-row.ts";

/**
 * The versions of data once more, outside of the database: `records/data`, a line each, its SHA-256 before it. Always
 * written as a whole, under the database's lock: there are few.
 */
export class VersionCopies {
  readonly #path: string;
  readonly #temporary: string;

  constructor(layout: Pick<Layout, "records" | "temporary">) {
    this.#path = join(layout.records, "data");
    this.#temporary = layout.temporary;
  }

  write(rows: readonly DataRow[]): void {
    const waiting = join(this.#temporary, `data-${process.pid}`);
    const lines = rows.map((row) => {
      const text = canonicalJson({ ...row });
      return `${digestHex(digestOf(text))} ${text}\n`;
    });
    for (const folder of [this.#temporary, dirname(this.#path)]) makeFolders(folder);
    rmSync(waiting, { force: true });
    writeFileSynced(waiting, Buffer.from(lines.join("")));
    renameSync(waiting, this.#path);
    syncFolder(dirname(this.#path));
  }

  /** Those that are whole. */
  read(): DataRow[] {
    // The digest proves that write() wrote it.
    return this.#lines().flatMap((json) => (json === null ? [] : [JSON.parse(json) as DataRow]));
  }

  /** Whether some line is not what its digest says. */
  isDamaged(): boolean {
    return this.#lines().includes(null);
  }

  /** The text of each line; null: it is damaged. */
  #lines(): (string | null)[] {
    let text: string;
    try {
      text = readFileSync(this.#path, "utf8");
    } catch (error) {
      if (systemCode(error) === "ENOENT") return [];
      throw error;
    }
    const lines = text.split("\n");
    if (lines.at(-1) === "") lines.pop();
    return lines.map((line) => (line.slice(0, 64) === digestHex(digestOf(line.slice(65))) ? line.slice(65) : null));
  }
}
