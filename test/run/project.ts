import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type Digest, isUnknown, type Known, type RunRecord } from "#record";
import { freshSeed, type RunOptions, run } from "#run";
import { openStore, type Store } from "#store";

/** The interpreter of the tests itself: a version manager's shim in front of it would only cost time. */
export const PYTHON = ((): string => {
  const own = join(import.meta.dirname, "../../.venv-test/bin/python");
  if (existsSync(own)) return own;
  return spawnSync("python3", ["-c", "import sys; print(sys.executable)"], { encoding: "utf8" }).stdout.trim();
})();

const REPRISE = join(import.meta.dirname, "../../bin/reprise");

type Files = Readonly<Record<string, string | Uint8Array>>;
type Changes = Partial<Omit<RunOptions, "argv" | "store">>;

/** A project in a temporary folder, with a store of its own beside it. */
export interface Project {
  readonly root: string;
  readonly store: Store;
  put(files: Files): void;
  read(path: string): string;
  git(...args: string[]): string;
  run(argv: readonly string[], changes?: Changes): Promise<RunRecord>;
  /** By the program itself, from a shell: what follows "run --", with the shell's redirections. */
  shell(line: string): { readonly record: RunRecord; readonly code: number | null; readonly stdout: string };
  /** A saved object as text. */
  text(saved: Known<{ readonly digest: Known<Digest> }> | undefined): string;
  /** Every file of the store and every object in it, by name. */
  stored(): Map<string, Buffer>;
  remove(): void;
}

/** Nothing of the machine's own environment but what a program needs to start. */
export function environment(): Record<string, string> {
  return { PATH: process.env.PATH ?? "", HOME: process.env.HOME ?? "", LANG: "C.UTF-8" };
}

function filesBelow(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

/** A folder that is no repository. */
export function folderProject(files: Files): Project {
  const home = realpathSync(mkdtempSync(join(tmpdir(), "run-test-")));
  const root = join(home, "project");
  mkdirSync(root);
  const store = openStore(join(home, "store"), { create: true });
  const project: Project = {
    root,
    store,
    put: (changed) => {
      for (const [path, content] of Object.entries(changed)) {
        mkdirSync(dirname(join(root, path)), { recursive: true });
        writeFileSync(join(root, path), content);
      }
    },
    read: (path) => readFileSync(join(root, path), "utf8"),
    git: (...args) => {
      const who = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "init.defaultBranch=main"];
      const child = spawnSync("git", ["-C", root, ...who, ...args], { encoding: "utf8" });
      if (child.status !== 0) throw new Error(`git ${args.join(" ")}: ${child.stderr}`);
      return child.stdout;
    },
    run: (argv, changes = {}) =>
      run({
        argv,
        cwd: root,
        env: environment(),
        store,
        version: "test",
        seed: freshSeed(),
        terminal: { stdin: "null", stdout: "pipe", stderr: "pipe" },
        tee: {},
        ...changes,
      }),
    shell: (line) => {
      const script = `"${REPRISE}" run --quiet --store "${store.root}" -- ${line}`;
      const child = spawnSync("/bin/sh", ["-c", script], { cwd: root, env: environment(), encoding: "utf8" });
      const [last] = store.runs.list();
      if (last === undefined) throw new Error(`no record: ${child.stderr}`);
      return { record: store.runs.get(last.id), code: child.status, stdout: child.stdout };
    },
    text: (saved) => {
      if (saved === undefined || isUnknown(saved) || isUnknown(saved.digest))
        throw new Error(`not saved: ${JSON.stringify(saved)}`);
      return Buffer.from(store.objects.read(saved.digest)).toString("utf8");
    },
    stored: () => {
      const found = new Map(filesBelow(store.root).map((path) => [path, readFileSync(path)]));
      for (const digest of store.objects.digests()) found.set(digest, Buffer.from(store.objects.read(digest)));
      return found;
    },
    remove: () => {
      store.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
  project.put(files);
  return project;
}

/** A repository with these files committed. */
export function gitProject(files: Files): Project {
  const project = folderProject(files);
  project.git("init", "-q");
  project.git("add", "-A");
  project.git("commit", "-qm", "all");
  return project;
}
