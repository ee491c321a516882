import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { restoreCode } from "#capture";
import { isUnknown, RepriseError, type RunRecord } from "#record";
import { originOf, type Store } from "#store";

/** A run's code, made again in a folder of its own, which goes with `remove`. */
export interface RunCode {
  /** null: it is not to be had, and why. */
  readonly folder: string | null;
  readonly why: string;
  remove(): void;
}

/**
 * The code of a run, as a replay makes it: its commit with what was changed on it, or what was kept of it. Files that it
 * holds are no inputs that a store keeps besides.
 */
export async function codeOfRun(store: Store, run: RunRecord, env: Readonly<Record<string, string>>): Promise<RunCode> {
  const code = originOf(store, run.id)?.code?.snapshot ?? run.code;
  if (isUnknown(code)) return { folder: null, why: code.unknown, remove: () => {} };
  const base = mkdtempSync(join(tmpdir(), "reprise-code-"));
  const remove = (): void => rmSync(base, { recursive: true, force: true });
  const folder = join(base, "code");
  try {
    await restoreCode(code, run.command.project, { read: (digest) => store.objects.read(digest) }, folder, { env });
    return { folder, why: "", remove };
  } catch (error) {
    remove();
    if (!(error instanceof RepriseError)) throw error;
    return { folder: null, why: error.message, remove: () => {} };
  }
}
