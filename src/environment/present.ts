import { existsSync } from "node:fs";
import { readPackages } from "#capture";
import { runTool } from "#exec";
import { isUnknown, type Known, type PackageFact, unknown } from "#record";

type Env = Readonly<Record<string, string>>;

/** An environment as it is now, told by its interpreter. */
export interface PresentEnvironment {
  readonly executable: string;
  readonly version: string;
  readonly implementation: string;
  readonly prefix: string;
  /** Of the interpreter below a virtual environment; the prefix itself elsewhere. */
  readonly base: string;
  readonly platform: string;
  readonly sysPath: readonly string[];
  readonly packages: Known<readonly PackageFact[]>;
}

const ASK = `import json, platform, sys, sysconfig
print(json.dumps({"executable": sys.executable, "version": platform.python_version(), "implementation": sys.implementation.name,
 "prefix": sys.prefix, "base": sys.base_prefix, "path": [p for p in sys.path if p],
 "platform": sysconfig.get_config_var("MULTIARCH") or sysconfig.get_platform()}))`;

interface Told {
  readonly executable: string;
  readonly version: string;
  readonly implementation: string;
  readonly prefix: string;
  readonly base: string;
  readonly path: readonly string[];
  readonly platform: string;
}

/** What is to reach an interpreter that is only asked: no agent of ours, no leftovers of a run. */
export function plainEnvironment(env: Env): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith("REPRISE_")));
}

/** Asks an interpreter of what it consists; unknown with the reason where it does not answer. */
export async function presentEnvironment(python: string, env: Env): Promise<Known<PresentEnvironment>> {
  if (!existsSync(python)) return unknown(`${python} is not there`);
  const asked = await runTool({
    argv: [python, "-c", ASK],
    cwd: "/",
    env: { ...plainEnvironment(env), PYTHONIOENCODING: "utf-8" },
    timeoutMs: 30_000,
  });
  if (!asked.ok) {
    const said = asked.failure ?? asked.stderr.trim().split("\n").at(-1) ?? "";
    return unknown(`${python} does not answer: ${said === "" ? `exit ${asked.code}` : said}`);
  }
  try {
    // A sitecustomize may print before it: the answer is the last line.
    const { path, ...told } = JSON.parse(asked.stdout.trim().split("\n").at(-1) ?? "") as Told;
    return { ...told, sysPath: path, packages: readPackages(path, []) };
  } catch {
    return unknown(`${python} answered something else: ${asked.stdout.slice(0, 80)}`);
  }
}

export function packagesAt(environment: PresentEnvironment): readonly PackageFact[] {
  return isUnknown(environment.packages) ? [] : environment.packages;
}
