import { isUnknown } from "#record";
import { localTag, normalName } from "../name.ts";
import type { ExportedFile, Written } from "./pins.ts";

/** A TOML basic string; JSON's escapes are among TOML's. */
const text = (value: string): string => JSON.stringify(value).replaceAll("\u007f", "\\u007f");

const list = (values: readonly string[]): string =>
  values.length === 0 ? "[]" : `[\n${values.map((value) => `    ${text(value)},\n`).join("")}]`;

const nameOf = ({ run }: Written): string => `environment-of-${run.id.slice(-8)}`;

/** The markers of the machine that the run was on: a lock for all machines would ask for wheels that it never had. */
function markerOf({ recipe }: Written): string | null {
  if (isUnknown(recipe.platform)) return null;
  const machine = recipe.platform.split("-")[0] ?? "";
  return recipe.platform.includes("linux") ? `sys_platform == 'linux' and platform_machine == '${machine}'` : null;
}

function head(written: Written, dependencies: readonly string[], python: string): string[] {
  return [
    "[project]",
    `name = ${text(nameOf(written))}`,
    'version = "0"',
    `description = ${text(`The environment of run ${written.run.id}.`)}`,
    `requires-python = ${text(python)}`,
    `dependencies = ${list(dependencies)}`,
    "",
  ];
}

const minorOf = (version: string): readonly [number, number] => {
  const [major = 3, minor = 0] = version.split(".").map(Number);
  return [major, minor];
};

/** Installed together as they were: what one package says of another does not change a version. */
export function uvFiles(written: Written): ExportedFile[] {
  const { recipe, lines } = written;
  const pins = lines.map((line) => line.text);
  const [major, minor] = minorOf(recipe.python.version);
  const marker = markerOf(written);
  const tagged = recipe.indexes.map((url) => ({ url, tag: url.slice(url.lastIndexOf("/") + 1) }));
  const toml = [
    ...head(written, pins, `==${major}.${minor}.*`),
    "[tool.uv]",
    "package = false",
    `override-dependencies = ${list(pins)}`,
    ...(marker === null ? [] : [`environments = ${list([marker])}`]),
    ...tagged.flatMap(({ url, tag }) => [
      "",
      "[[tool.uv.index]]",
      `name = ${text(`pytorch-${tag}`)}`,
      `url = ${text(url)}`,
      "explicit = true",
    ]),
    ...(tagged.length === 0 ? [] : ["", "[tool.uv.sources]"]),
    ...recipe.packages.flatMap(({ name, version }) => {
      const index = tagged.find(({ tag }) => tag === localTag(version) && name.startsWith("torch"));
      return index === undefined ? [] : [`${text(name)} = { index = ${text(`pytorch-${index.tag}`)} }`];
    }),
  ];
  return [
    { path: "pyproject.toml", text: `${toml.join("\n")}\n` },
    { path: ".python-version", text: `${recipe.python.version}\n` },
  ];
}

/** The tools that installed the environment: poetry is one itself, and knows some versions of them only. */
const INSTALLERS = /^(?:pip|setuptools|wheel)$/;

export function poetryFiles(written: Written): ExportedFile[] {
  const { recipe, lines } = written;
  const [major, minor] = minorOf(recipe.python.version);
  const used = new Set(recipe.packages.filter(({ imported }) => imported).map(({ name }) => name));
  const wanted = lines.filter(({ name }) => used.has(name) || !INSTALLERS.test(normalName(name)));
  const pins = wanted.map((line) => line.text.replace(/^([^\s=]+)==(.+)$/, "$1 (==$2)"));
  const sources = recipe.indexes.flatMap((url) => [
    "",
    "[[tool.poetry.source]]",
    `name = ${text(`pytorch-${url.slice(url.lastIndexOf("/") + 1)}`)}`,
    `url = ${text(url)}`,
    'priority = "supplemental"',
  ]);
  const toml = [
    ...head(written, pins, `>=${major}.${minor},<${major}.${minor + 1}`),
    "[tool.poetry]",
    "package-mode = false",
    ...sources,
  ];
  return [{ path: "pyproject.toml", text: `${toml.join("\n")}\n` }];
}
