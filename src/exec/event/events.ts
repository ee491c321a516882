import { createReadStream, createWriteStream, readdirSync } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { AgentEvent } from "#record";
import { parseEvent } from "./line.ts";

/** A line beyond this is no event but damage. */
const LONGEST_LINE = 4 << 20;
const DEFAULT_CAP = 2_000_000;

/** One process's file of event lines. */
interface EventFile {
  readonly name: string;
  readonly events: readonly AgentEvent[];
  /** Lines that are no JSON: the last one of a process that was killed, or damage. */
  readonly torn: number;
}

export interface Events {
  readonly files: readonly EventFile[];
  /** All events in the order of the files. */
  readonly events: readonly AgentEvent[];
  readonly torn: number;
  /** Lines of a kind that this version does not know. */
  readonly unknown: number;
  /** Events beyond the cap, left unread. */
  readonly skipped: number;
  /** Those of them that were metrics. */
  readonly skippedMetrics: number;
}

/** Names of event files in an order that does not depend on the file system. */
function eventFiles(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith(".jsonl"))
      .sort();
  } catch {
    return [];
  }
}

/** The lines of a file; null for one that is too long to be an event. */
async function* linesOf(path: string): AsyncGenerator<string | null> {
  let rest: Buffer[] = [];
  let length = 0;
  const whole = (last: Buffer): string | null => {
    const line = length + last.length > LONGEST_LINE ? null : Buffer.concat([...rest, last]).toString("utf8");
    rest = [];
    length = 0;
    return line;
  };
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    const bytes = chunk as Buffer;
    let from = 0;
    for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, from)) {
      yield whole(bytes.subarray(from, at));
      from = at + 1;
    }
    if (length <= LONGEST_LINE) rest.push(bytes.subarray(from));
    length += bytes.length - from;
  }
  if (length > 0) yield whole(Buffer.alloc(0));
}

/** Reads what all processes of a run wrote. Never throws for what is inside the files. */
export async function readEvents(folder: string, { cap = DEFAULT_CAP }: { cap?: number } = {}): Promise<Events> {
  const files: EventFile[] = [];
  let [torn, unknown, skipped, skippedMetrics, taken] = [0, 0, 0, 0, 0];
  for (const name of eventFiles(folder)) {
    const events: AgentEvent[] = [];
    let tornHere = 0;
    try {
      for await (const line of linesOf(join(folder, name))) {
        if (line?.trim() === "") continue;
        // Beyond the cap only how a process began and ended is kept: the rest follows from these.
        if (
          line !== null &&
          taken >= cap &&
          !/^\{"e": ?"(hello|end|fork|fault|seed|claim|reference|checkpoint)"/.test(line)
        ) {
          skipped += 1;
          if (line.startsWith('{"e":"metric"')) skippedMetrics += 1;
          continue;
        }
        const event = line === null ? "torn" : parseEvent(line);
        if (event === "torn") tornHere += 1;
        else if (event === null) unknown += 1;
        else {
          events.push(event);
          taken += 1;
        }
      }
    } catch {
      tornHere += 1; // unreadable from here on
    }
    torn += tornHere;
    files.push({ name, events, torn: tornHere });
  }
  return { files, events: files.flatMap((file) => file.events), torn, unknown, skipped, skippedMetrics };
}

/** All files as one, each behind a line that names it; equal files give equal bytes. */
export async function packEvents(folder: string, out: string): Promise<void> {
  await pipeline(
    async function* () {
      for (const name of eventFiles(folder)) {
        yield `${JSON.stringify({ e: "file", name })}\n`;
        let last = 10;
        for await (const chunk of createReadStream(join(folder, name), { highWaterMark: 1 << 20 })) {
          last = (chunk as Buffer).at(-1) ?? last;
          yield chunk as Buffer;
        }
        if (last !== 10) yield "\n";
      }
    },
    createWriteStream(out, { mode: 0o600 }),
  );
}
