import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { queryGpus } from "#capture";
import { agentEnvironment, findProgram, type LaunchResult, launch, readEvents } from "#exec";
import { isUnknown, RepriseError } from "#record";
import type { Context } from "./context.ts";
import { type Place, withStore } from "./place.ts";

export interface Check {
  readonly name: string;
  /** unknown: runs are recorded, with less in the record. broken: they are not. */
  readonly state: "ok" | "unknown" | "broken";
  readonly found: string;
  readonly hint?: string;
}

const PATIENCE_SECONDS = 20;
const NO_TERMINAL = { stdin: "null", stdout: "pipe", stderr: "pipe" } as const;

async function storeCheck(place: Place): Promise<Check> {
  try {
    return await withStore(place, { create: true }, (store): Check => {
      const open = store.runs.unfinished();
      const running = open.filter(({ state }) => state === "running").map(({ id, pid }) => `${id} (process ${pid})`);
      const broken = open.length - running.length;
      const said = [
        `${store.root}, writable`,
        ...(running.length === 0 ? [] : [`in progress: ${running.join(", ")}`]),
        ...(broken === 0 ? [] : [`${broken} broke off`]),
      ];
      return { name: "store", state: "ok", found: said.join("; "), ...(broken === 0 ? {} : { hint: "reprise ls" }) };
    });
  } catch (error) {
    if (!(error instanceof RepriseError)) throw error;
    return {
      name: "store",
      state: "broken",
      found: error.message,
      ...(error.hint === undefined ? {} : { hint: error.hint }),
    };
  }
}

/** Whether what the store counts on (syncs, locks, shared memory) holds where it lies. */
async function fileSystemCheck({ store }: Place): Promise<Check> {
  const { fileSystemOf } = await import("#store");
  const name = "disk";
  const { type, mount, doubts } = fileSystemOf(store);
  const where = `${type ?? "an unknown file system"}${mount === null ? "" : ` at ${mount}`}`;
  if (doubts.length === 0) return { name, state: "ok", found: `the store lies on ${where}` };
  return {
    name,
    state: "unknown",
    found: `the store lies on ${where}: ${doubts.map(({ what, origin }) => `${what} (${origin})`).join("; ")}`,
    hint: "a folder on a local disk: --store DIR, or REPRISE_HOME",
  };
}

function gitCheck(context: Context, { project }: Place): Check {
  const git = findProgram("git", context.env, context.cwd);
  const inside = existsSync(join(project, ".git"));
  if ("errno" in git) {
    if (!inside)
      return {
        name: "code",
        state: "unknown",
        found: "no git: the code is saved as a snapshot of the folder",
        hint: "install git",
      };
    return {
      name: "code",
      state: "unknown",
      found: "this is a repository, but there is no git to read it",
      hint: "install git",
    };
  }
  if (inside) return { name: "code", state: "ok", found: `git repository ${project}` };
  return {
    name: "code",
    state: "unknown",
    found: `${project} is no git repository: the code is saved as a snapshot, without history`,
    hint: "git init",
  };
}

interface Probe {
  readonly result: LaunchResult;
  /** What agents said hello from inside. */
  readonly hellos: readonly string[];
}

/** Starts a program with the agents around it and listens. */
async function probe(context: Context, argv: readonly string[]): Promise<Probe> {
  const folder = mkdtempSync(join(tmpdir(), "reprise-doctor-"));
  try {
    const env = {
      ...context.env,
      ...agentEnvironment({ env: context.env, eventsDir: folder, project: context.cwd, root: null }),
    };
    const logs = { stdout: join(folder, "stdout"), stderr: join(folder, "stderr") };
    const result = await launch({
      argv,
      cwd: context.cwd,
      env,
      stdin: "null",
      terminal: NO_TERMINAL,
      logs,
      eventsDir: folder,
      timeoutSeconds: PATIENCE_SECONDS,
    });
    const seen = await readEvents(folder);
    return {
      result,
      hellos: seen.events.flatMap((event) =>
        event.e === "hello" ? [`${event.impl} ${event.version}, ${event.exe}`] : [],
      ),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const isPython = (program: string): boolean => /^(python|pypy)[\d.]*$/.test(basename(program));
const isNode = (program: string): boolean => basename(program) === "node";

/** Options of the interpreter that keep every agent out. */
function closedBy(argv: readonly string[]): string | null {
  for (const word of argv.slice(1)) {
    if (!word.startsWith("-") || word === "-c" || word === "-m" || word === "-") return null;
    if (/^-[a-zA-Z]*[IES]/.test(word)) return word;
  }
  return null;
}

async function agentCheck(context: Context, argv: readonly string[]): Promise<Check> {
  const program = argv[0] ?? "python3";
  const name = `agent in ${program}`;
  const found = findProgram(program, context.env, context.cwd);
  if ("errno" in found) {
    const hint = argv.length === 0 ? "install Python 3.8 or newer, or put it first on PATH" : "check the name, or PATH";
    return { name, state: argv.length === 0 ? "unknown" : "broken", found: found.message, hint };
  }
  const unknowns = "seeds, inputs outside the project, packages and entropy will be unknown";
  const closed = isPython(program) ? closedBy(argv) : null;
  if (closed !== null)
    return { name, state: "unknown", found: `${closed} keeps it out: ${unknowns}`, hint: `leave ${closed} out` };
  if (!isPython(program) && !isNode(program)) {
    return {
      name,
      state: "unknown",
      found: `${found.path} is neither Python nor Node: what it starts of these is seen, it itself is not`,
    };
  }
  const { result, hellos } = await probe(context, [
    program,
    isPython(program) ? "-c" : "-e",
    isPython(program) ? "pass" : "0",
  ]);
  if (result.status !== "completed") {
    return {
      name,
      state: "broken",
      found: `${found.path} does not start: ${result.signal ?? `exit ${result.exitCode ?? "unknown"}`}`,
      hint: `${program} --version`,
    };
  }
  const [hello] = hellos;
  if (hello !== undefined) return { name, state: "ok", found: `gets in: ${hello}` };
  return {
    name,
    state: "unknown",
    found: `does not get in: ${unknowns}`,
    hint: "check for a sitecustomize.py or a wrapper that drops PYTHONPATH",
  };
}

async function gpuCheck(context: Context): Promise<Check> {
  const name = "gpu";
  if ("errno" in findProgram("nvidia-smi", context.env, context.cwd))
    return { name, state: "ok", found: "no nvidia-smi: none is recorded" };
  const gpus = await queryGpus(5000);
  if (isUnknown(gpus)) return { name, state: "unknown", found: gpus.unknown, hint: "nvidia-smi" };
  return { name, state: "ok", found: gpus.map((gpu) => `${gpu.name}, driver ${gpu.driver}`).join("; ") || "none" };
}

function terminalCheck(context: Context): Check {
  const name = "terminal";
  const host = findProgram("python3", context.env, context.cwd);
  if (!("errno" in host)) return { name, state: "ok", found: "programs keep their terminal (progress bars stay live)" };
  return {
    name,
    state: "unknown",
    found: "no python3 to host one: programs that are run from a terminal see pipes",
    hint: "put python3 on PATH",
  };
}

/** What works here, and what a record would lack. Starts an interpreter, never the user's program. */
export async function diagnose(context: Context, place: Place, argv: readonly string[]): Promise<Check[]> {
  const config = place.config.file;
  return [
    { name: "reprise", state: "ok", found: `${context.version} on Node ${process.versions.node}` },
    ...(config === null ? [] : [{ name: "configuration", state: "ok", found: config } as const]),
    await storeCheck(place),
    await fileSystemCheck(place),
    gitCheck(context, place),
    await agentCheck(context, argv),
    terminalCheck(context),
    await gpuCheck(context),
  ];
}
