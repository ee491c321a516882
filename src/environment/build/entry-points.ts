import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** By group: `console_scripts` holds the programs, others what plugins are found by. */
export type EntryPoints = ReadonlyMap<string, ReadonlyMap<string, string>>;

function textOf(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}

/** Of a file as installers write it: `[group]` and lines of `name = module:object`. */
function fromIni(text: string): Map<string, Map<string, string>> {
  const groups = new Map<string, Map<string, string>>();
  let group = new Map<string, string>();
  for (const line of text.split("\n")) {
    const head = /^\s*\[\s*([^\]]+?)\s*\]\s*$/.exec(line)?.[1];
    if (head !== undefined) {
      group = groups.get(head) ?? new Map<string, string>();
      groups.set(head, group);
    }
    const entry = /^\s*([^#;[=\s][^=]*?)\s*=\s*(\S.*?)\s*$/.exec(line);
    if (entry !== null) group.set(entry[1] ?? "", entry[2] ?? "");
  }
  return groups;
}

/** `setup.cfg` has them indented below the name of each group. */
function fromSetupCfg(text: string): Map<string, Map<string, string>> {
  const section = /^\[options\.entry_points\]\s*\n((?:(?!\[)[^\n]*(?:\n|$))*)/m.exec(text)?.[1] ?? "";
  return fromIni(section.replace(/^(\S[^=\n]*?)\s*=[ \t]*$/gm, "[$1]"));
}

type Document = Readonly<Record<string, unknown>>;

function inside(value: unknown, ...names: readonly string[]): Document {
  let found = value;
  for (const name of names) found = typeof found === "object" && found !== null ? (found as Document)[name] : undefined;
  return typeof found === "object" && found !== null ? (found as Document) : {};
}

const pairs = (table: Document): Map<string, string> =>
  new Map(Object.entries(table).flatMap(([name, said]) => (typeof said === "string" ? [[name, said] as const] : [])));

async function fromProject(text: string): Promise<Map<string, Map<string, string>>> {
  const { parse } = await import("smol-toml");
  let document: unknown;
  try {
    document = parse(text);
  } catch {
    return new Map();
  }
  const project = inside(document, "project");
  const poetry = inside(document, "tool", "poetry");
  const groups = new Map<string, Map<string, string>>([
    ["console_scripts", new Map([...pairs(inside(poetry, "scripts")), ...pairs(inside(project, "scripts"))])],
    ["gui_scripts", pairs(inside(project, "gui-scripts"))],
  ]);
  for (const table of [inside(poetry, "plugins"), inside(project, "entry-points")])
    for (const name of Object.keys(table)) groups.set(name, pairs(inside(table, name)));
  return groups;
}

/** What setuptools leaves beside sources that it was installed from, in place. */
function eggInfo(path: string): string | null {
  for (const folder of [path, join(path, "src")])
    try {
      const found = readdirSync(folder).find((name) => name.endsWith(".egg-info"));
      const text = found === undefined ? null : textOf(join(folder, found, "entry_points.txt"));
      if (text !== null) return text;
    } catch {
      // no such folder
    }
  return null;
}

/** The entry points that the sources in a folder declare. Nothing of them is run: a setup.py says what setuptools noted. */
export async function entryPointsIn(path: string): Promise<EntryPoints> {
  const project = textOf(join(path, "pyproject.toml"));
  const setup = textOf(join(path, "setup.cfg"));
  const declared = [
    fromIni(eggInfo(path) ?? ""),
    setup === null ? new Map<string, Map<string, string>>() : fromSetupCfg(setup),
    project === null ? new Map<string, Map<string, string>>() : await fromProject(project),
  ];
  const groups = new Map<string, Map<string, string>>();
  for (const found of declared)
    for (const [group, entries] of found)
      if (entries.size > 0) groups.set(group, new Map([...(groups.get(group) ?? []), ...entries]));
  return groups;
}

export const entryPointsText = (groups: EntryPoints): string =>
  [...groups]
    .map(([group, entries]) => `[${group}]\n${[...entries].map(([name, said]) => `${name} = ${said}\n`).join("")}`)
    .join("\n");

/** Programs of an environment as installers write them; null: what is said names no function of a module. */
export function scriptOf(python: string, said: string): string | null {
  const found = /^([A-Za-z_][\w.]*)\s*:\s*([A-Za-z_][\w.]*)\s*(?:\[.*\])?$/.exec(said);
  if (found === null) return null;
  const [, module = "", path = ""] = found;
  const first = path.split(".")[0] ?? path;
  // A line for the kernel holds no blanks, and not much.
  const begin =
    python.length > 120 || /\s/.test(python) ? `#!/bin/sh\n'''exec' "${python}" "$0" "$@"\n' '''` : `#!${python}`;
  return `${begin}\nimport sys\nfrom ${module} import ${first}\nif __name__ == "__main__":\n    sys.exit(${path}())\n`;
}
