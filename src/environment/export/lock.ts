import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runTool } from "#exec";
import { isUnknown, type Known, unknown } from "#record";
import { indexVariables } from "../build/indexes.ts";
import { findInterpreter } from "../build/interpreter.ts";
import { findTool, findUv, type ToolCommand } from "../build/programs.ts";
import { reasonOf } from "../build/resolve.ts";
import { plainEnvironment } from "../present.ts";
import type { ExportedFile, Written } from "./pins.ts";

type Env = Readonly<Record<string, string>>;

/** Addresses in a lock are those of the user's own indexes: without what only the user may know. */
const clean = (text: string): string => text.replace(/(https?:\/\/)[^/@\s"']+@/g, "$1");

async function lockWith(
  argv: ToolCommand,
  name: string,
  files: readonly ExportedFile[],
  env: Env,
): Promise<Known<ExportedFile>> {
  const folder = mkdtempSync(join(tmpdir(), "reprise-lock-"));
  try {
    for (const { path, text } of files) writeFileSync(join(folder, path), text);
    const done = await runTool({ argv, cwd: folder, env, timeoutMs: 900_000 });
    if (!done.ok) return unknown(reasonOf(done));
    return { path: name, text: clean(readFileSync(join(folder, name), "utf8")) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The project's lock with all hashes, made by the tool itself where it is installed. */
export async function lockOf(
  format: "uv" | "poetry",
  files: readonly ExportedFile[],
  { run }: Written,
  env: Env,
): Promise<Known<ExportedFile>> {
  const { python } = run.environment;
  // The interpreter below the run's environment need not be on PATH, and uv passes by those of other environments.
  const found = isUnknown(python) ? [] : await findInterpreter(run, python, null, env);
  const below = "python" in found ? found.python : null;
  const pythons = [...(isUnknown(python) ? [] : [python.executable]), ...(below === null ? [] : [below])];
  const plain = plainEnvironment(env);
  const variables = { ...plain, ...(await indexVariables(pythons, env)) };
  if (format === "poetry") {
    // It would make an environment in the user's own folder, for nothing.
    const poetry = findTool("poetry", env);
    if (poetry === null) return unknown("poetry is not installed");
    return lockWith([...poetry, "lock", "--no-interaction", "--no-ansi"], "poetry.lock", files, {
      ...plain,
      ...(variables["SSL_CERT_FILE"] === undefined ? {} : { REQUESTS_CA_BUNDLE: variables["SSL_CERT_FILE"] }),
      POETRY_VIRTUALENVS_IN_PROJECT: "true",
    });
  }
  const uv = await findUv(env, pythons);
  if (uv === null) return unknown("uv is not installed");
  const own = below === null || env["UV_PYTHON"] !== undefined ? {} : { UV_PYTHON: below };
  return lockWith([...uv, "lock", "--quiet", "--no-progress"], "uv.lock", files, { ...variables, ...own });
}
