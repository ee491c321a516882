import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { PackageFact } from "#record";
import { normalName } from "../name.ts";
import { entryPointsIn, entryPointsText, scriptOf } from "./entry-points.ts";
import { pythonIn } from "./programs.ts";

/** A package that is used in place. Nothing is built in its folder: that one is the user's. */
export interface Editable {
  readonly fact: PackageFact;
  readonly path: string;
}

/** Folders of it that hold packages, as usual layouts have them. */
function importRoots(path: string): string[] {
  const inner = join(path, "src");
  let names: string[] = [];
  try {
    names = readdirSync(inner);
  } catch {
    // no such layout
  }
  const source = names.some((name) => name.endsWith(".py") || existsSync(join(inner, name, "__init__.py")));
  return source ? [inner, path] : [path];
}

/** Its programs beside the interpreter. */
function writeScripts(scripts: Iterable<readonly [string, string]>, environment: string): void {
  for (const [program, said] of scripts) {
    const text = /^[\w.+-]+$/.test(program) ? scriptOf(pythonIn(environment), said) : null;
    const path = join(environment, "bin", program);
    if (text !== null && !existsSync(path)) writeFileSync(path, text, { mode: 0o755 });
  }
}

/** What an installer leaves in an environment for a package used in place: a path, its programs, and metadata that name it. */
export async function linkEditable({ fact, path }: Editable, environment: string, sitePackages: string): Promise<void> {
  const name = normalName(fact.name).replaceAll("-", "_");
  const info = join(sitePackages, `${name}-${fact.version}.dist-info`);
  mkdirSync(info, { recursive: true });
  const direct = { dir_info: { editable: true }, url: pathToFileURL(path).href };
  const files: Readonly<Record<string, string>> = {
    METADATA: `Metadata-Version: 2.1\nName: ${fact.name}\nVersion: ${fact.version}\n`,
    INSTALLER: "reprise\n",
    "direct_url.json": `${JSON.stringify(direct)}\n`,
  };
  const entries = await entryPointsIn(path);
  if (entries.size > 0) writeFileSync(join(info, "entry_points.txt"), entryPointsText(entries));
  writeScripts([...(entries.get("console_scripts") ?? []), ...(entries.get("gui_scripts") ?? [])], environment);
  for (const [file, text] of Object.entries(files)) writeFileSync(join(info, file), text);
  writeFileSync(
    join(sitePackages, `__editable__.${name}.pth`),
    importRoots(path)
      .map((root) => `${root}\n`)
      .join(""),
  );
}
