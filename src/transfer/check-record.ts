import { isSafePath } from "#capture";
import { isUnknown, knownOr, type RunRecord } from "#record";
import { type Manifest, refused } from "./manifest.ts";

const inProject = (path: string): boolean => isSafePath(path) && !path.split("/").includes(".git");

/**
 * A record that comes from others names no file of the project outside of it: whatever is restored later, it is in its
 * folder. Throws PACK_UNSAFE.
 */
export function checkRecord(record: RunRecord, { code, bystanders }: Pick<Manifest, "code" | "bystanders">): void {
  const listed = [...knownOr(record.inputs, []), ...knownOr(record.outputs, [])].filter(
    ({ scope }) => scope === "project",
  );
  const recorded = isUnknown(record.code)
    ? []
    : record.code.kind === "snapshot"
      ? record.code.files
      : [...record.code.untracked, ...record.code.submodules];
  const files = [...listed, ...recorded, ...(code?.snapshot.files ?? []), ...bystanders];
  const bad = files.find(({ path }) => typeof path !== "string" || !inProject(path));
  if (bad !== undefined) throw refused("PACK_UNSAFE", `its record names '${bad.path}', which leads out of the project`);
  const { workdir, project, cwd } = record.command;
  if (workdir !== "" && !isSafePath(workdir)) throw refused("PACK_UNSAFE", `its record was run in '${workdir}'`);
  if (!project.startsWith("/") || !cwd.startsWith("/"))
    throw refused("PACK_UNSAFE", "its project has no absolute path");
}
