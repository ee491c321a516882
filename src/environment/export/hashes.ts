import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runTool } from "#exec";
import { isUnknown, type Known, type RunRecord, unknown } from "#record";
import { indexVariables, withIndexes } from "../build/indexes.ts";
import { findInterpreter } from "../build/interpreter.ts";
import { findUv, type ToolCommand } from "../build/programs.ts";
import { asFile, type Line, reasonOf } from "../build/resolve.ts";
import { normalName } from "../name.ts";
import { plainEnvironment } from "../present.ts";
import type { EnvironmentRecipe } from "../recipe.ts";

type Env = Readonly<Record<string, string>>;

/** By package, after PEP 503: `sha256:…` of its files. Unknown with the reason where nobody tells. */
export type Hashes = ReadonlyMap<string, Known<readonly string[]>>;

/** uv's answer is a requirements file; continuation lines hold the hashes. */
function readCompiled(text: string): Map<string, string[]> {
  const found = new Map<string, string[]>();
  let name: string | null = null;
  for (const line of text.split("\n")) {
    const head = /^([A-Za-z0-9][\w.-]*)(?:==| @)/.exec(line)?.[1];
    if (head !== undefined) name = normalName(head);
    for (const [, hash] of line.matchAll(/--hash=(sha256:[0-9a-f]{64})/g))
      if (name !== null && hash !== undefined) found.set(name, [...(found.get(name) ?? []), hash]);
  }
  return found;
}

interface Report {
  readonly install?: readonly {
    readonly metadata?: { readonly name?: string };
    readonly download_info?: { readonly archive_info?: { readonly hashes?: { readonly sha256?: string } } };
  }[];
}

function readReport(text: string): Map<string, string[]> {
  const found = new Map<string, string[]>();
  const report = JSON.parse(text) as Report;
  for (const { metadata, download_info: from } of report.install ?? []) {
    const digest = from?.archive_info?.hashes?.sha256;
    if (metadata?.name !== undefined && digest !== undefined && /^[0-9a-f]{64}$/.test(digest))
      found.set(normalName(metadata.name), [`sha256:${digest}`]);
  }
  return found;
}

async function byUv(
  uv: ToolCommand,
  lines: readonly Line[],
  version: string,
  env: Env,
): Promise<Known<Map<string, string[]>>> {
  return asFile(lines, async (file, cwd) => {
    const options = ["--no-deps", "--generate-hashes", "--quiet", "--no-header", "--no-annotate"];
    const argv: ToolCommand = [...uv, "pip", "compile", ...options, "--python-version", version, file];
    const asked = await runTool({ argv, cwd, env, timeoutMs: 600_000 });
    return asked.ok ? readCompiled(asked.stdout) : unknown(reasonOf(asked));
  });
}

/** pip tells the digest of the one file that it would install: enough where the file is for the same machine. */
async function byPip(python: string, lines: readonly Line[], env: Env): Promise<Known<Map<string, string[]>>> {
  return asFile(lines, async (file, cwd) => {
    const target = mkdtempSync(join(tmpdir(), "reprise-report-"));
    try {
      const options = ["--dry-run", "--ignore-installed", "--no-deps", "--no-input", "--quiet"];
      const argv: ToolCommand = [
        python,
        "-I",
        "-m",
        "pip",
        "--disable-pip-version-check",
        "install",
        ...options,
        "--report",
        join(target, "report.json"),
        "-r",
        file,
      ];
      const asked = await runTool({ argv, cwd, env, timeoutMs: 900_000 });
      if (!asked.ok) return unknown(reasonOf(asked));
      return readReport(readFileSync(join(target, "report.json"), "utf8"));
    } finally {
      rmSync(target, { recursive: true, force: true });
    }
  });
}

/** The digests of what an index has for these lines: all files of a version where uv asks, the one for here where pip does. */
export async function askHashes(
  run: RunRecord,
  recipe: EnvironmentRecipe,
  lines: readonly Line[],
  env: Env,
): Promise<Hashes> {
  if (lines.length === 0) return new Map();
  const { python } = run.environment;
  const recorded = isUnknown(python) ? [] : [python.executable];
  const uv = await findUv(env, recorded);
  const interpreter = await findInterpreter(run, recipe.python, null, env);
  const own = "python" in interpreter ? interpreter.python : null;
  const pythons = [...recorded, ...(own === null ? [] : [own])];
  const plain = { ...plainEnvironment(env), ...(await indexVariables(pythons, env)) };
  let told: Known<Map<string, string[]>> = unknown("uv is not installed");
  for (const variables of [plain, withIndexes(plain, recipe.indexes)]) {
    if (uv === null) break;
    told = await byUv(uv, lines, recipe.python.version, variables);
    if (!isUnknown(told) || recipe.indexes.length === 0) break;
  }
  const found = isUnknown(told) ? new Map<string, string[]>() : told;
  const left = lines.filter(({ name }) => !found.has(normalName(name)));
  let why = isUnknown(told) ? told.unknown : "its index does not tell it";
  for (const candidate of left.length === 0 ? [] : pythons) {
    const more = await byPip(candidate, left, plain);
    if (isUnknown(more)) why = more.unknown;
    else for (const [name, hashes] of more) found.set(name, hashes);
    if (left.every(({ name }) => found.has(normalName(name)))) break;
  }
  return new Map(lines.map(({ name }) => [normalName(name), found.get(normalName(name)) ?? unknown(why)]));
}
