import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Conditions } from "../vary/conditions.ts";

/** The files by which conditions reach the agent (docs/format/events.md, "What is given back"). */
export interface HeldFiles {
  readonly streams?: string;
  readonly hold?: string;
}

export function writeHeldFiles(conditions: Conditions, folder: string): HeldFiles {
  const files: { streams?: string; hold?: string } = {};
  if (conditions.streams.size > 0) {
    files.streams = join(folder, "streams.tsv");
    const lines = [...conditions.streams].map(([site, { root, site: as }]) =>
      [site, root, ...(as === undefined || as === site ? [] : [as])].join("\t"),
    );
    writeFileSync(files.streams, lines.map((line) => `${line}\n`).join(""), { mode: 0o600 });
  }
  if (conditions.heldEvents.length > 0) {
    files.hold = join(folder, "hold.jsonl");
    writeFileSync(files.hold, conditions.heldEvents.map((event) => `${JSON.stringify(event)}\n`).join(""), {
      mode: 0o600,
    });
  }
  return files;
}
