import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runTool, type ToolResult } from "#exec";
import { normalName } from "../name.ts";
import type { ToolCommand } from "./programs.ts";

type Env = Readonly<Record<string, string>>;

export interface Line {
  readonly name: string;
  readonly text: string;
  /** What its file must be, where a lock of the run says so. */
  readonly hashes?: readonly string[];
}

export interface Resolver {
  readonly uv: ToolCommand | null;
  /** Has pip where there is no uv. */
  readonly python: string;
  readonly env: Env;
  /** Of pip outside an environment: a folder that nothing is put into. */
  readonly target?: string;
}

/** What an index does not have, or has for other machines only. */
export interface Missing {
  readonly name: string;
  readonly why: string;
}

const textOf = ({ text, hashes = [] }: Line, withHashes: boolean): string =>
  withHashes ? [text, ...hashes.map((hash) => `--hash=${hash}`)].join(" ") : text;

/** Lines as a file, which pip wants (a pipe of Node's is a socket to it); gone once `use` is done. */
export async function asFile<T>(
  lines: readonly Line[],
  use: (file: string, folder: string) => Promise<T>,
  hashed: "each" | "all or none" = "all or none",
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "reprise-requirements-"));
  try {
    const file = join(folder, "requirements.txt");
    // uv checks what there is; pip takes hashes of all or of none.
    const withHashes = hashed === "each" || lines.every(({ hashes = [] }) => hashes.length > 0);
    writeFileSync(file, lines.map((line) => `${textOf(line, withHashes)}\n`).join(""), { mode: 0o600 });
    return await use(file, folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const PIP = ["-I", "-m", "pip", "install", "--dry-run", "--no-deps", "--ignore-installed", "--no-input"] as const;

/** Looks whether everything can be had, without installing anything: with uv by its resolver, with pip by a dry run. */
function dryRun(lines: readonly Line[], { uv, python, env, target }: Resolver): Promise<ToolResult> {
  return asFile(lines, (file, cwd) => {
    const argv: ToolCommand =
      uv === null
        ? [
            python,
            ...PIP,
            "--disable-pip-version-check",
            ...(target === undefined ? [] : ["--target", target]),
            "-r",
            file,
          ]
        : [...uv, "pip", "compile", "--no-deps", "--quiet", "--no-header", "--python", python, file];
    return runTool({ argv, cwd, env, timeoutMs: 900_000 });
  });
}

/** The sentence of an installer that says what is wrong. */
export function reasonOf({ failure, stderr, code }: ToolResult): string {
  if (failure !== null) return failure;
  const lines = stderr
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  const cause = lines.find((line) => /^(?:cause:|╰─▶|├─▶)/.test(line))?.replace(/^(?:cause:|╰─▶|├─▶)\s*/, "");
  const said = cause ?? lines.findLast((line) => /^ERROR/i.test(line)) ?? lines.at(-1) ?? `exit ${code}`;
  return said
    .replace(/,? we can conclude that .*/, "")
    .replace(/\/\/[^/@\s]*@/g, "//")
    .slice(0, 300);
}

function namedIn(text: string, lines: readonly Line[]): Line | undefined {
  const words = new Set(text.split(/[^\w.+-]+/).map((word) => normalName(word.split("==")[0] ?? "")));
  return lines.find(({ name }) => words.has(normalName(name)));
}

/** One line after the other, where the installer names none. */
async function oneByOne(lines: readonly Line[], resolver: Resolver): Promise<Missing[]> {
  const missing: Missing[] = [];
  const queue = [...lines];
  const worker = async (): Promise<void> => {
    for (let line = queue.shift(); line !== undefined; line = queue.shift()) {
      const tried = await dryRun([line], resolver);
      if (!tried.ok) missing.push({ name: line.name, why: reasonOf(tried) });
    }
  };
  await Promise.all(Array.from({ length: 4 }, worker));
  return missing;
}

/** All that cannot be had, not only the first. */
export async function findMissing(lines: readonly Line[], resolver: Resolver): Promise<Missing[]> {
  const missing: Missing[] = [];
  let left = [...lines];
  while (left.length > 0) {
    const tried = await dryRun(left, resolver);
    if (tried.ok) return missing;
    const why = reasonOf(tried);
    const named = namedIn(why, left);
    if (named === undefined) return [...missing, ...(await oneByOne(left, resolver))];
    missing.push({ name: named.name, why });
    left = left.filter((line) => line !== named);
  }
  return missing;
}
