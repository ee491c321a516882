import { randomBytes } from "node:crypto";
import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { type Digest, digestHex, digestOf, isDigest, type RunId } from "#record";
import { makeFolders, moveInto, syncFolder, writeAll, writeFileSynced } from "../durable.ts";
import { guarded, systemCode } from "../failure.ts";
import type { Layout } from "../layout.ts";
import { isRunId } from "./run-id.ts";

/** One line of a log: a text that is what its digest says. */
export interface LogLine {
  readonly kind: "record" | "fact";
  readonly digest: Digest;
  readonly text: string;
}

export interface RunLog {
  /** The first whole line that is a record, else null. */
  readonly record: LogLine | null;
  /** The others: facts, oldest first. */
  readonly facts: readonly LogLine[];
  /** Lines that are not what their digest says. */
  readonly damaged: number;
  /** Whether the last line was cut off. */
  readonly torn: boolean;
}

const LINE = /^([0-9a-f]{64}) (record|fact) (.+)$/s;

const lineOf = ({ kind, digest, text }: LogLine): string => `${digestHex(digest)} ${kind} ${text}\n`;

function parse(content: string): RunLog {
  const lines = content.split("\n");
  const torn = lines.pop() !== "";
  const whole: LogLine[] = [];
  let damaged = 0;
  for (const line of lines) {
    if (line === "") continue; // the end of a line that was cut off, and then gone on from
    const [, hex = "", kind, text = ""] = LINE.exec(line) ?? [];
    const digest = `sha256:${hex}`;
    if (isDigest(digest) && digestOf(text) === digest)
      whole.push({ kind: kind === "record" ? "record" : "fact", digest, text });
    else damaged += 1;
  }
  const record = whole.find(({ kind }) => kind === "record") ?? null;
  return { record, facts: whole.filter(({ kind }) => kind === "fact"), damaged, torn };
}

/** Whether the last line of an open file has no end. */
function isCut(fd: number): boolean {
  const { size } = fstatSync(fd);
  const last = Buffer.alloc(1);
  return size > 0 && readSync(fd, last, 0, 1, size - 1) === 1 && last.toString() !== "\n";
}

/**
 * What the store holds of each run once more, outside of the database: a file a run, one line for its record and one for
 * each fact, each with its digest. It is written, never asked, until the database is damaged (docs/decisions/0012).
 */
export class RunLogs {
  readonly #root: string;
  readonly #folder: string;
  readonly #temporary: string;

  constructor(layout: Pick<Layout, "root" | "records" | "temporary">) {
    this.#root = layout.root;
    this.#folder = layout.records;
    this.#temporary = layout.temporary;
  }

  /** Ids of one minute begin alike: the last two characters spread them. */
  pathOf(id: RunId): string {
    return join(this.#folder, id.slice(-2), `${id}.log`);
  }

  exists(): boolean {
    return existsSync(this.#folder);
  }

  has(id: RunId): boolean {
    return existsSync(this.pathOf(id));
  }

  /** Writes a log that is not in its place yet: durable but for its name. */
  prepare(id: RunId, lines: readonly LogLine[]): string {
    // A gc may be writing the same one at this moment.
    const path = join(this.#temporary, `log-${id}-${randomBytes(6).toString("hex")}`);
    makeFolders(this.#temporary);
    try {
      guarded(this.#root, "write", () => writeFileSynced(path, Buffer.from(lines.map(lineOf).join(""))));
    } catch (error) {
      rmSync(path, { force: true });
      throw error;
    }
    return path;
  }

  place(prepared: string, id: RunId): void {
    guarded(this.#root, "write", () => {
      const unsynced = new Set<string>();
      makeFolders(this.#folder);
      moveInto(prepared, this.pathOf(id), unsynced);
      unsynced.add(dirname(this.#folder));
      for (const folder of unsynced) syncFolder(folder);
    });
  }

  /** Adds a line to a log that is there. Durable on return. */
  append(id: RunId, line: LogLine): void {
    guarded(this.#root, "write", () => {
      const fd = openSync(this.pathOf(id), constants.O_RDWR | constants.O_APPEND);
      try {
        writeAll(fd, Buffer.from(`${isCut(fd) ? "\n" : ""}${lineOf(line)}`));
        fsyncSync(fd);
      } finally {
        closeSync(fd);
      }
    });
  }

  remove(id: RunId): void {
    rmSync(this.pathOf(id), { force: true });
  }

  read(id: RunId): RunLog | null {
    try {
      return parse(readFileSync(this.pathOf(id), "utf8"));
    } catch (error) {
      if (systemCode(error) === "ENOENT") return null;
      throw error;
    }
  }

  *ids(): Iterable<RunId> {
    if (!this.exists()) return;
    for (const part of readdirSync(this.#folder, { withFileTypes: true })) {
      if (!part.isDirectory()) continue;
      for (const name of readdirSync(join(this.#folder, part.name))) {
        const id = basename(name, ".log");
        if (name.endsWith(".log") && isRunId(id) && id.slice(-2) === part.name) yield id;
      }
    }
  }
}
