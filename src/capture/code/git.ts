import { resolve } from "node:path";
import { type Unknown, unknown } from "#record";
import { findProgram, type ProgramResult, runProgram } from "../program.ts";
import { openRepository, type Repository, settingOf } from "./repository.ts";

/** Git, tamed for one repository that may be hostile: nothing that its configuration names is started. */
export interface Git {
  readonly repository: Repository;
  /** Bytes of stdout, or why git could not. */
  run(...argv: string[]): Promise<Buffer | Unknown>;
}

type Env = Readonly<Record<string, string | undefined>>;

/**
 * The command line wins over every configuration file. `protocol.*`: a partial clone must not fetch what it lacks (its
 * remote can name any program).
 */
const TAMED: readonly string[] = [
  "core.fsmonitor=false",
  "core.hooksPath=/dev/null",
  "core.pager=cat",
  "core.sshCommand=false",
  "core.askPass=false",
  "core.quotePath=true",
  "credential.helper=",
  "diff.suppressBlankEmpty=false",
  "gc.auto=0",
  "maintenance.auto=false",
  "submodule.recurse=false",
  "protocol.allow=never",
  ...["ext", "file", "git", "ssh", "http", "https"].map((name) => `protocol.${name}.allow=never`),
];

export function gitPath(env: Env): string | null {
  return findProgram("git", env["PATH"]);
}

/** Variables that turn git elsewhere or make it start something are left out. */
export function gitEnvironment(env: Env): Record<string, string | undefined> {
  const clean = Object.fromEntries(
    Object.entries(env).filter(([name]) => !/^(?:GIT_|SSH_ASKPASS|LESS$|PAGER$|EDITOR$|VISUAL$)/.test(name)),
  );
  return {
    ...clean,
    LC_ALL: "C",
    GIT_TERMINAL_PROMPT: "0",
    GIT_OPTIONAL_LOCKS: "0",
    GIT_NO_LAZY_FETCH: "1",
    GIT_NO_REPLACE_OBJECTS: "1",
    GIT_PAGER: "cat",
  };
}

export function tamedArguments(overrides: readonly string[] = []): string[] {
  return [...TAMED, ...overrides].flatMap((setting) => ["-c", setting]);
}

export async function openGit(root: string, env: Env): Promise<Git | Unknown> {
  const program = gitPath(env);
  if (program === null) return unknown("git was not found on PATH");
  const repository = openRepository(root);
  if (repository === null) return unknown("the .git beside the code is not a readable repository");
  const workTree = settingOf(repository, "core", null, "worktree");
  if (workTree !== undefined && resolve(repository.gitDir, workTree) !== root) {
    return unknown("the repository's configuration moves the work tree elsewhere (core.worktree)");
  }
  const environment = gitEnvironment(env);
  const call = async (settings: readonly string[], argv: readonly string[]): Promise<Buffer | Unknown> => {
    const result = await runProgram(program, [...tamedArguments(settings), ...argv], { cwd: root, env: environment });
    return result.code === 0 ? result.stdout : unknown(reasonOf(result, argv[0] ?? ""));
  };
  const drivers = await filterDrivers(repository, call);
  if ("unknown" in drivers) return drivers;
  const off = drivers.names.flatMap((name) =>
    ["clean=", "smudge=", "process=", "required=false"].map((setting) => `filter.${name}.${setting}`),
  );
  return { repository, run: (...argv) => call(off, argv) };
}

/** The filters that the repository's own configuration defines: `git status` would start them. */
async function filterDrivers(
  repository: Repository,
  call: (settings: readonly string[], argv: readonly string[]) => Promise<Buffer | Unknown>,
): Promise<{ readonly names: readonly string[] } | Unknown> {
  const names = new Set<string>();
  for (const { section, subsection } of repository.settings) {
    if (section === "filter" && subsection !== null) names.add(subsection);
  }
  if (repository.includes) {
    const listed = await call([], ["config", "--includes", "--null", "--name-only", "--list"]);
    if ("unknown" in listed) return listed;
    for (const name of listed.toString("utf8").split("\0")) {
      const driver = /^filter\.([\s\S]+)\.[^.]+$/.exec(name)?.[1];
      if (driver !== undefined) names.add(driver);
    }
  }
  // "-c" splits at the first "=": such a driver could not be switched off.
  if ([...names].some((name) => /[=\n]/.test(name)))
    return unknown("a filter in the git configuration has a name with “=”");
  return { names: [...names] };
}

function reasonOf(result: ProgramResult, command: string): string {
  if (result.failure !== undefined) return `git ${command}: ${result.failure}`;
  if (result.stderr.includes("dubious ownership")) {
    return "git refuses the repository because it belongs to another user (safe.directory)";
  }
  const line = /^(?:fatal|error): .*$/m.exec(result.stderr)?.[0] ?? `exit ${result.code}`;
  return `git ${command}: ${line.slice(0, 300)}`;
}
