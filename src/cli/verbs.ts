import type { Define, Verb, Verbs } from "./verb.ts";

const verb = (summary: string, load: () => Promise<Define>, shown = true): Verb => ({ summary, load, shown });

/** All commands, in the order in which a user meets them. */
export const VERBS: Verbs = {
  run: verb("run a command and record it", async () => (await import("./commands/run.ts")).defineRun),
  verify: verb(
    "say whether a recorded run reproduces",
    async () => (await import("./commands/verify.ts")).defineVerify,
  ),
  why: verb("find what makes a run differ, and prove it", async () => (await import("./commands/why.ts")).defineWhy),
  compare: verb(
    "say whether B is better than A, or was lucky",
    async () => (await import("./commands/compare.ts")).defineCompare,
  ),
  audit: verb(
    "hold a training to golden results, in CI",
    async () => (await import("./commands/audit.ts")).defineAudit,
  ),
  "resume-check": verb(
    "say whether a run that is killed and resumed comes out the same",
    async () => (await import("./commands/resume-check.ts")).defineResumeCheck,
  ),
  replay: verb("do a recorded run again", async () => (await import("./commands/replay.ts")).defineReplay),
  ls: verb("list the runs", async () => (await import("./commands/ls.ts")).defineLs),
  show: verb("show everything about a run", async () => (await import("./commands/show.ts")).defineShow),
  diff: verb("show what differs between two runs", async () => (await import("./commands/diff.ts")).defineDiff),
  import: verb(
    "take over runs of MLflow, W&B, TensorBoard, DVC, Sacred",
    async () => (await import("./commands/import.ts")).defineImport,
  ),
  export: verb(
    "write a run into one file, for another machine",
    async () => (await import("./commands/export.ts")).defineExport,
  ),
  rm: verb("remove runs", async () => (await import("./commands/rm.ts")).defineRm),
  gc: verb("free the space that no run needs", async () => (await import("./commands/gc.ts")).defineGc),
  fsck: verb("check every object and record", async () => (await import("./commands/fsck.ts")).defineFsck),
  doctor: verb(
    "say what works here and what will be unknown",
    async () => (await import("./commands/doctor.ts")).defineDoctor,
  ),
  completions: verb("print completions for a shell", async () =>
    (await import("./commands/completions.ts")).completionsOf(VERBS),
  ),
  __runs: verb(
    "names of runs, for completions",
    async () => (await import("./commands/run-names.ts")).defineRunNames,
    false,
  ),
};

export const SHOWN_VERBS: readonly string[] = Object.keys(VERBS).filter((name) => VERBS[name]?.shown === true);
