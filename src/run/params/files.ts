import { readFileSync, statSync } from "node:fs";
import { isAbsolute, join, relative } from "node:path";
import type { Redactor } from "#capture";
import { isSettings, linesOfKeys, pythonSettings, settingsIn } from "#content";
import { digestOf, type ImportedModule, type InputFile, isUnknown, type Param } from "#record";
import type { Store } from "#store";

/** A person wrote no more; larger files of these forms are data. */
const MOST_BYTES = 256 * 1024;
const MOST_KEYS = 400;
const MOST_PARAMS = 2000;

/** What programs keep for themselves in the forms of settings: trackers, tokenizers, weights, locks of packages. */
const NOT_WRITTEN_BY_HAND =
  /(?:^|\/)(?:mlruns|wandb|lightning_logs|node_modules|\.[^/]+)\/|(?:^|\/)(?:vocab|merges|tokenizer(?:_config)?|special_tokens_map|added_tokens|package-lock|poetry|uv|model\.safetensors\.index)\b[^/]*$/;

interface Question {
  readonly inputs: readonly InputFile[];
  /** Every file that a hook saw being opened, absolute: a Python file is code, and yet may be read as a configuration. */
  readonly opened: Iterable<string>;
  readonly startedMs: number;
  /** Code, not data: its names are no settings. */
  readonly modules: readonly ImportedModule[];
  readonly argv: readonly string[];
  readonly project: string;
  readonly store: Store;
  readonly redactor: Redactor;
}

/** The content as the run read it: kept, or still the same where it lay. */
function contentOf(file: InputFile, { project, store }: Question): Uint8Array | null {
  if (isUnknown(file.digest) || isUnknown(file.bytes) || file.bytes > MOST_BYTES) return null;
  try {
    if (store.objects.has(file.digest)) return store.objects.read(file.digest);
    const bytes = readFileSync(isAbsolute(file.path) ? file.path : join(project, file.path));
    return digestOf(bytes) === file.digest ? bytes : null;
  } catch {
    return null; // gone or another one by now: its keys are told by the diff of its content, where that is to be had
  }
}

function paramsOf(file: InputFile, bytes: Uint8Array): Param[] {
  const keys = settingsIn(file.path, bytes);
  if (keys === null || keys.size > MOST_KEYS) return [];
  const lines = linesOfKeys(new TextDecoder().decode(bytes));
  return [...keys].map(([name, value]) => {
    const line = lines.get(name);
    return { name, value, origin: "file", from: line === undefined ? file.path : `${file.path}:${line}` };
  });
}

function unchanged(path: string, startedMs: number): Uint8Array | null {
  try {
    const stat = statSync(path);
    return stat.isFile() && stat.size <= MOST_BYTES && stat.mtimeMs < startedMs ? readFileSync(path) : null;
  } catch {
    return null; // gone, or not ours to read
  }
}

/** Python files of the project that were opened and not imported: what a program executes to be configured. */
function executed({ opened, modules, argv, project, startedMs, redactor }: Question): Param[] {
  const code = new Set(modules.map(({ path }) => path));
  const script = argv.find((word) => word.endsWith(".py")) ?? "";
  return [...opened].toSorted().flatMap((path): Param[] => {
    const name = relative(project, path);
    if (!path.endsWith(".py") || name.startsWith("..") || code.has(name) || script.endsWith(name)) return [];
    const bytes = unchanged(path, startedMs);
    if (bytes === null) return [];
    const source = new TextDecoder().decode(redactor.redactBytes(bytes).bytes);
    return [...pythonSettings(source)].map(([key, { value, line }]) => ({
      name: key,
      value,
      origin: "file",
      from: `${name}:${line}`,
    }));
  });
}

/** The keys of the configuration files that a run read, flat, each with its line. */
export function fileParams(question: Question): Param[] {
  const found = executed(question);
  for (const file of question.inputs) {
    const isNamed = file.seen.includes("argument");
    if (!isSettings(file.path) || (file.scope !== "project" && !isNamed)) continue;
    if (NOT_WRITTEN_BY_HAND.test(file.path) && !isNamed) continue;
    const bytes = contentOf(file, question);
    if (bytes === null) continue;
    const params = paramsOf(file, question.redactor.redactBytes(bytes).bytes);
    if (found.length + params.length <= MOST_PARAMS) found.push(...params);
  }
  return found;
}
