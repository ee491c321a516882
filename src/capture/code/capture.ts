import type { CodeFacts, Known } from "#record";
import type { Redactor } from "../redact/redactor.ts";
import type { ObjectSink } from "../sink.ts";
import { type CaptureCodeOptions, captureGit } from "./capture-git.ts";
import { type Project, projectAt } from "./project.ts";
import { captureSnapshot } from "./snapshot.ts";

/** The code as it is now, in a form from which restoreCode can make it again. `project` is its root. */
export function captureCode(
  project: string | Project,
  sink: ObjectSink,
  redactor: Redactor,
  options: CaptureCodeOptions = { env: process.env },
): Promise<Known<CodeFacts>> {
  const { root, kind } = projectAt(project);
  if (kind === "git") return captureGit(root, sink, redactor, options);
  return Promise.resolve(captureSnapshot(root, sink, redactor, options));
}
