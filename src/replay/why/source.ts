import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fixes } from "#diagnose";
import { type Cause, type Digest, digestOf, isUnknown, knownOr, type RunRecord } from "#record";
import type { Store } from "#store";
import { type Cells, changeInNotebook, inNotebook } from "../notebook/cells.ts";

function recordedDigest(run: RunRecord, file: string): Digest | null {
  const found = knownOr(run.modules, []).find((module) => module.path === file);
  return found === undefined || isUnknown(found.digest) ? null : found.digest;
}

/**
 * A file of the program as it ran, from the project if it is still what was imported, else from the store; null when it is not
 * to be had.
 */
function sourceText(run: RunRecord, store: Store, file: string | null): string | null {
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

/** What to paste against a cause: the line itself, mended, where that is to be had; "" where nothing is known. */
function fixFor({ kind, name, file, line }: Cause, run: RunRecord, store: Store, cells: Cells): string {
  const text = cells.get(file ?? "")?.text ?? sourceText(run, store, file);
  const source = text === null || line === null ? null : (text.split("\n")[line - 1] ?? null);
  return fixes({ kind, call: name, source, text, argv: run.command.argv })[0] ?? "";
}

/** A cause as it is told: with what to paste, and in a notebook by its cell. */
export function told(cause: Cause, run: RunRecord, store: Store, cells: Cells): Cause {
  const fix = cause.fix === "" ? fixFor(cause, run, store, cells) : cause.fix;
  return changeInNotebook(inNotebook({ ...cause, fix }, cells), run, store);
}
