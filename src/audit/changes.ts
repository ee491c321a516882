import { codeSince, commitLike } from "#capture";
import { isUnknown, type Known, knownOr, type RunRecord, unknown } from "#record";
import type { AuditChange } from "./document.ts";
import { madeOf } from "./facts.ts";
import { GOLDEN_FOLDER } from "./golden/folder.ts";
import type { Golden, Machine } from "./golden/golden.ts";

export interface Changes {
  readonly changes: readonly AuditChange[];
  readonly unknown: readonly string[];
  /** A commit of this clone that has the golden's code. */
  readonly commit: Known<string>;
}

type Section = AuditChange["section"];
type Env = Readonly<Record<string, string>>;
type Facts = Readonly<Record<string, string | null>>;

function apart(section: Section, a: Facts, b: Facts): AuditChange[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].sort().flatMap((name): AuditChange[] => {
    const [x, y] = [a[name] ?? null, b[name] ?? null];
    if (x === y) return [];
    const change = x === null ? "added" : y === null ? "removed" : "changed";
    return [{ section, name, change, a: x, b: y, imported: null, hunks: [] }];
  });
}

/** Where the golden's code is to be had in this clone. */
function commitOf(golden: Golden, file: string, run: RunRecord, env: Env): Promise<Known<string>> {
  if (golden.commit === null) return Promise.resolve(unknown("the golden's code is in no commit"));
  return commitLike(run.command.project, golden.commit, file, golden.files, env);
}

/** Files of the code: by line where the golden's commit is in the clone, else the imported ones by digest. */
async function codeChanges(golden: Golden, file: string, run: RunRecord, env: Env): Promise<Changes> {
  const present = madeOf(run);
  const imported = new Set([...Object.keys(golden.files), ...Object.keys(present.files)]);
  const byDigest = apart("code", golden.files, present.files).map((one) => ({ ...one, imported: true }));
  const commit = await commitOf(golden, file, run, env);
  if (golden.commit === null) return { changes: byDigest, unknown: [], commit };
  const since = isUnknown(commit) ? commit : await codeSince(run.command.project, commit, [GOLDEN_FOLDER], env);
  if (isUnknown(since)) {
    const how = "; clone with its history (fetch-depth: 0) to see what changed by line";
    const hint = since.unknown.endsWith("is not in this clone") ? how : "";
    return { changes: byDigest, unknown: [`code: ${since.unknown}${hint}`], commit };
  }
  const read = new Set(knownOr(run.inputs, []).map(({ path }) => path));
  const inGit = since
    // What is read as data is told as data.
    .filter(({ path }) => imported.has(path) || !(path in golden.inputs || path in present.inputs))
    .map(
      ({ path, change, hunks }): AuditChange => ({
        section: "code",
        name: path,
        change,
        a: golden.files[path] ?? null,
        b: present.files[path] ?? null,
        imported: imported.has(path) || read.has(path),
        hunks,
      }),
    );
  const told = new Set(inGit.map(({ name }) => name));
  // Ignored by git, or of a golden whose code was not all committed.
  return { changes: [...inGit, ...byDigest.filter(({ name }) => !told.has(name))], unknown: [], commit };
}

function environmentChanges(golden: Golden, run: RunRecord): Omit<Changes, "commit"> {
  const present = madeOf(run);
  if (present.python === null && golden.python !== null)
    return { changes: [], unknown: ["environment: the packages of this training are not known"] };
  const changes = [
    ...apart("environment", { python: golden.python }, { python: present.python }),
    ...apart("environment", golden.packages, present.packages),
    ...apart("environment", golden.variables, present.variables),
  ];
  // It changes no training; a later one may read more out of its output.
  const recorder =
    golden.reprise === null ? [] : apart("environment", { Reprise: golden.reprise }, { Reprise: present.reprise });
  const others = changes.length === 0 && golden.environment !== present.environment;
  const digests = { "packages that were not imported": golden.environment };
  return {
    changes: [
      ...(others ? apart("environment", digests, { "packages that were not imported": present.environment }) : changes),
      ...recorder,
    ],
    unknown: [],
  };
}

const flat = ({ os, cpu, gpus }: Machine): Facts => ({ "operating system": os, processor: cpu, GPU: gpus });

/** What is another than when the golden was made: what may be guilty first. */
export async function changesSince(golden: Golden, file: string, run: RunRecord, env: Env): Promise<Changes> {
  const [code, present] = [await codeChanges(golden, file, run, env), madeOf(run)];
  const environment = environmentChanges(golden, run);
  const weight = ({ imported }: AuditChange): number => (imported === false ? 1 : 0);
  return {
    changes: [
      ...code.changes.toSorted((a, b) => weight(a) - weight(b) || (a.name < b.name ? -1 : 1)),
      ...apart("data", golden.inputs, present.inputs),
      ...environment.changes,
      ...apart("machine", flat(golden.machine), flat(present.machine)),
    ],
    unknown: [...code.unknown, ...environment.unknown],
    commit: code.commit,
  };
}
