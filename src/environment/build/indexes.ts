import { existsSync } from "node:fs";
import { findProgram, runTool } from "#exec";
import { plainEnvironment } from "../present.ts";
import type { ToolCommand } from "./programs.ts";

type Env = Readonly<Record<string, string>>;

/**
 * The user's indexes, as pip has them by its files and variables, for uv: it does not read pip's. They stay in the
 * variables of processes: addresses of indexes may hold passwords.
 */
export async function indexVariables(pythons: readonly string[], env: Env): Promise<Record<string, string>> {
  const told = await pipSettings(pythons, env);
  const settings = new Map<string, string>();
  for (const line of told.split("\n")) {
    const found = /^(?:global|install|:env:)\.([\w-]+)='(.*)'$/.exec(line.trim());
    if (found !== null) settings.set(found[1] ?? "", (found[2] ?? "").replaceAll("\\n", " ").trim());
  }
  const variables: Record<string, string> = {};
  const take = (name: string, setting: string): void => {
    const value = settings.get(setting);
    if (value !== undefined && value !== "" && env[name] === undefined) variables[name] = value;
  };
  take("UV_DEFAULT_INDEX", "index-url");
  take("UV_EXTRA_INDEX_URL", "extra-index-url");
  take("UV_FIND_LINKS", "find-links");
  take("SSL_CERT_FILE", "cert");
  // As pip looks: the best of all indexes, not the first that has the name. Only where pip was told of several.
  if (variables["UV_EXTRA_INDEX_URL"] !== undefined && env["UV_INDEX_STRATEGY"] === undefined)
    variables["UV_INDEX_STRATEGY"] = "unsafe-best-match";
  const links = variables["UV_FIND_LINKS"];
  if (links !== undefined) variables["UV_FIND_LINKS"] = links.split(/\s+/).join(",");
  return variables;
}

/** Of the first interpreter that has pip. */
async function pipSettings(pythons: readonly string[], env: Env): Promise<string> {
  const first = findProgram("python3", env, "/");
  const all = [...pythons, ...("errno" in first ? [] : [first.path])].filter((python) => existsSync(python));
  for (const python of all) {
    const argv: ToolCommand = [python, "-I", "-m", "pip", "config", "list"];
    const asked = await runTool({ argv, cwd: "/", env: plainEnvironment(env), timeoutMs: 30_000 });
    if (asked.ok) return asked.stdout;
  }
  return "";
}

/** One index more, for both installers. */
export function withIndexes(variables: Env, indexes: readonly string[]): Record<string, string> {
  if (indexes.length === 0) return { ...variables };
  const own = variables["UV_EXTRA_INDEX_URL"] ?? "";
  return {
    ...variables,
    UV_EXTRA_INDEX_URL: [own, ...indexes].join(" ").trim(),
    // A variable takes the place of what pip's files say.
    PIP_EXTRA_INDEX_URL: [variables["PIP_EXTRA_INDEX_URL"] ?? own, ...indexes].join(" ").trim(),
    UV_INDEX_STRATEGY: variables["UV_INDEX_STRATEGY"] ?? "unsafe-best-match",
  };
}
