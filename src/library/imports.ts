import { type Imported, importRuns as importFrom } from "#imports";
import type { ForeignTool } from "#record";
import type { Store } from "#store";
import { definedOnly, type Environment, version } from "./request.ts";

export interface ImportRequest {
  readonly tool: ForeignTool;
  /** A folder of the tool, or one of its files; absolute. */
  readonly path: string;
  readonly store: Store;
  /** Secrets in it are not kept. */
  readonly env?: Environment;
  /** A tag for all of them: experiment=NAME. */
  readonly into?: string;
}

/** Takes over runs that another tool recorded, as `reprise import` does. Nothing of theirs is run or changed. */
export function importRuns({ tool, path, store, env = {}, into }: ImportRequest): readonly Imported[] {
  return importFrom({
    tool,
    path,
    cwd: "/",
    store,
    env: definedOnly(env),
    version: version(),
    ...(into === undefined ? {} : { into }),
  });
}
