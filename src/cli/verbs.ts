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
  data: verb(
    "keep versions of data, compare them, and put them back",
    async () => (await import("./data/data.ts")).defineData,
  ),
  import: verb(
    "take over runs of MLflow, W&B, TensorBoard, DVC, Sacred",
    async () => (await import("./commands/import.ts")).defineImport,
  ),
  export: verb(
    "write a run into one file, for another machine",
    async () => (await import("./commands/export.ts")).defineExport,
  ),
  env: verb(
    "compare, build again and write out the environment of a run",
    async () => (await import("./environment/verb.ts")).defineEnv,
  ),
  pack: verb(
    "put a run into one file, to do it again elsewhere",
    async () => (await import("./transfer/pack.ts")).definePack,
  ),
  unpack: verb("take a packed run into the store", async () => (await import("./transfer/unpack.ts")).defineUnpack),
  push: verb("send runs to a remote", async () => (await import("./transfer/push.ts")).definePush),
  pull: verb("take runs from a remote", async () => (await import("./transfer/pull.ts")).definePull),
  remote: verb(
    "name the places that runs are pushed to",
    async () => (await import("./transfer/remote.ts")).defineRemote,
  ),
  rm: verb("remove runs", async () => (await import("./commands/rm.ts")).defineRm),
  gc: verb("free the space that no run needs", async () => (await import("./commands/gc.ts")).defineGc),
  fsck: verb("check every object and record", async () => (await import("./commands/fsck.ts")).defineFsck),
  repair: verb("mend what fsck finds", async () => (await import("./commands/repair.ts")).defineRepair),
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
