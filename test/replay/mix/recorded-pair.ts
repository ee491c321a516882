import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { findGuilty, type Guilty, ingredientsOf, type MixContext, type Mixture } from "#replay";
import { parsePolicy, parseSeed, run } from "#run";
import { openStore, type Store } from "#store";

/** Files by path; null: not there. */
type Files = Readonly<Record<string, string | Uint8Array | null>>;

export interface Recording {
  readonly files: Files;
  readonly argv?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly seed?: string;
  readonly policy?: string;
  /** Another project than the first run's. */
  readonly folder?: string;
  /** Done in the project before the run. */
  readonly before?: (root: string) => void;
}

export interface Pair {
  readonly root: string;
  readonly store: Store;
  readonly mixture: Mixture;
  close(): void;
}

const ENV = {
  PATH: process.env["PATH"] ?? "",
  HOME: process.env["HOME"] ?? "/",
  LANG: "C.UTF-8",
  OMP_NUM_THREADS: "1",
  PYTHONDONTWRITEBYTECODE: "1",
};

function put(root: string, files: Files): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    if (content === null) rmSync(join(root, path), { force: true });
    else writeFileSync(join(root, path), content);
  }
}

/** Two runs in one folder, the second after an edit, as people make them. */
export async function recordPair(a: Recording, b: Recording, prepare?: (root: string) => void): Promise<Pair> {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "mixed-")));
  const project = join(root, "project");
  mkdirSync(project);
  prepare?.(project);
  const store = openStore(join(root, "store"), { create: true });
  const terminal = { stdin: "null", stdout: "pipe", stderr: "pipe" } as const;
  const record = async ({
    files,
    argv = ["python3", "train.py"],
    env = {},
    seed = "7",
    policy = "off",
    before,
    folder = "project",
  }: Recording) => {
    const cwd = join(root, folder);
    mkdirSync(cwd, { recursive: true });
    put(cwd, files);
    before?.(cwd);
    return run({
      argv,
      cwd,
      env: { ...ENV, ...env },
      store,
      version: "test",
      seed: parseSeed(seed),
      policy: parsePolicy(policy),
      terminal,
      tee: {},
    });
  };
  const first = await record(a);
  const second = await record(b);
  const context: MixContext = { store, version: "test", env: { ...ENV, ...b.env } };
  const mixture = await ingredientsOf(first, second, context);
  return {
    root: project,
    store,
    mixture,
    close() {
      store.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

/** Searches a pair, says what it cost, and tidies up. */
export async function guiltyOf(
  title: string,
  a: Recording,
  b: Recording,
  prepare?: (root: string) => void,
): Promise<Guilty & { readonly mixture: Mixture }> {
  const pair = await recordPair(a, b, prepare);
  try {
    const found = await findGuilty({ mixture: pair.mixture });
    const goal = 3 * Math.log2(Math.max(2, found.ingredients));
    process.stderr.write(
      `${title}: ${found.replays} replays (${found.searched} to find the set), ${found.ingredients} ingredients, 3·log2 n = ${goal.toFixed(1)}: ${found.reason}\n`,
    );
    return { ...found, mixture: pair.mixture };
  } finally {
    pair.close();
  }
}
