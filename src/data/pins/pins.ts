import { join } from "node:path";
import { isUnknown, knownOr, type RunRecord } from "#record";
import type { Store } from "#store";
import { dvcOuts, dvcPin } from "./dvc.ts";
import { hubPin } from "./hub.ts";
import { lfsPin, usesLfs } from "./lfs.ts";
import type { Pin } from "./pin.ts";

const LAKE = /lakefs:\/\/([a-z0-9][a-z0-9-]*)\/([^/\s"']+)(\/[^\s"']*)?/g;

/** Addresses of lakeFS in the command line and in settings: a branch moves, a commit does not. */
function lakePins(run: RunRecord): Pin[] {
  const texts = [...run.command.argv, ...run.params.map(({ value }) => String(value))];
  const found = new Set(texts.flatMap((text) => [...text.matchAll(LAKE)].map(([address]) => address)));
  return [...found].map((identity): Pin => {
    const ref = /^lakefs:\/\/[^/]+\/([^/]+)/.exec(identity)?.[1] ?? "";
    const named = { path: identity, tool: "lakefs", identity, by: "the command line or a setting" } as const;
    if (/^[0-9a-f]{12,64}$/.test(ref)) return { ...named, agrees: null, note: "a commit: it does not move" };
    return { ...named, agrees: null, note: `'${ref}' is a branch or a tag, which can move: use the commit` };
  });
}

/**
 * What other tools say of the inputs of a run: DVC, Git LFS, the cache of the Hugging Face hub, lakeFS. Looks at files
 * only, as they lie there now; no tool is started.
 */
export function pinsOf(store: Store, run: RunRecord): Pin[] {
  const { project } = run.command;
  const inputs = knownOr(run.inputs, []).flatMap(({ path, scope, digest }) =>
    isUnknown(digest) ? [] : [{ path, scope, digest }],
  );
  const own = inputs.filter(({ scope }) => scope === "project");
  const outs = dvcOuts(
    project,
    own.map(({ path }) => path),
  );
  const wanted = own.filter(({ path }) => outs.some((out) => path === out.path || path.startsWith(`${out.path}/`)));
  const now = store.files.digestFiles(wanted.map(({ path }) => join(project, path)));
  const lfs = usesLfs(project);
  const pins = inputs.flatMap(({ path, scope, digest }): Pin[] => {
    if (scope !== "project") {
      const pin = hubPin(path, digest);
      return pin === null ? [] : [pin];
    }
    const present = now.get(join(project, path));
    const isAsRead = present !== undefined && !isUnknown(present) && present.digest === digest;
    const pin =
      dvcPin(project, outs, path, isAsRead) ??
      (lfs ? lfsPin(project, path, digest) : null) ??
      hubPin(join(project, path), digest);
    return pin === null ? [] : [pin];
  });
  return [...pins, ...lakePins(run)];
}
