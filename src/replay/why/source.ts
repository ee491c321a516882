import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Digest, digestOf, isUnknown, knownOr, type RunRecord } from "#record";
import type { Store } from "#store";

function recordedDigest(run: RunRecord, file: string): Digest | null {
  const found = knownOr(run.modules, []).find((module) => module.path === file);
  return found === undefined || isUnknown(found.digest) ? null : found.digest;
}

/**
 * A file of the program as it ran, from the project if it is still what was imported, else from the store; null when it is not
 * to be had. A notebook's cell has no file of its own.
 */
export function sourceText(run: RunRecord, store: Store, file: string | null): string | null {
  if (file === null) return null;
  const digest = recordedDigest(run, file);
  if (digest === null) return null;
  try {
    const now = readFileSync(join(run.command.project, file));
    const bytes = digestOf(now) === digest ? now : store.objects.has(digest) ? store.objects.read(digest) : null;
    return bytes === null ? null : new TextDecoder().decode(bytes);
  } catch {
    return null;
  }
}

/** One line of it. */
export function sourceLine(run: RunRecord, store: Store, file: string | null, line: number | null): string | null {
  const text = line === null ? null : sourceText(run, store, file);
  return text === null || line === null ? null : (text.split("\n")[line - 1] ?? null);
}
