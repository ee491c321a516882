import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { parseEnv } from "node:util";
import { isEnvironmentDir } from "#capture";

export const EXAMPLE = ".env.example";

function textOf(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}

/** The names that a file of variables gives; its values stay in it. */
function namesIn(text: string | null): string[] {
  if (text === null) return [];
  return Object.keys(parseEnv(text)).filter((name) => /^[A-Za-z_]\w*$/.test(name));
}

/** What the project's .env.example asks for and neither the environment nor .env has; null: there is no such file. */
export function missingVariables(project: string, env: Readonly<Record<string, string>>): readonly string[] | null {
  const text = textOf(join(project, EXAMPLE));
  if (text === null) return null;
  const given = new Set([...Object.keys(env), ...namesIn(textOf(join(project, ".env")))]);
  return namesIn(text).filter((name) => !given.has(name));
}

/** How Python and JavaScript ask for a variable by its name. */
const ASKED = [
  /\b(?:os\.)?environ(?:\.get|\.setdefault|\.pop)?\s*[[(]\s*["']([A-Za-z_]\w*)["']/g,
  /\b(?:os\.)?getenv\s*\(\s*["']([A-Za-z_]\w*)["']/g,
  /\bprocess\.env(?:\.|\[\s*["'])([A-Za-z_]\w*)/g,
];
/** What systems, launchers and libraries set by themselves: nobody writes these into .env. */
const OF_OTHERS =
  /^(?:PATH|HOME|USER|LOGNAME|SHELL|PWD|TMPDIR|TEMP|TMP|TERM|LANG|LC_\w+|TZ|CI|HOSTNAME|DISPLAY|EDITOR|COLUMNS|LINES|VIRTUAL_ENV|NODE_ENV|RANK|LOCAL_RANK|GROUP_RANK|WORLD_SIZE|LOCAL_WORLD_SIZE|MASTER_ADDR|MASTER_PORT|(?:PYTHON|CONDA_|OMP_|MKL_|KMP_|OPENBLAS_|NUMEXPR_|CUDA_|CUBLAS_|NVIDIA_|NCCL_|TORCH_|PYTORCH_|TF_|XLA_|JAX_|TOKENIZERS_|SLURM_|PBS_|LSB_|OMPI_|PMI_|REPRISE_|GITHUB_|XDG_|SSH_)\w*)$/;
const SOURCE = /\.(?:py|ipynb|js|mjs|cjs|ts)$/;
const MOST_FILES = 2000;
const MOST_BYTES = 1 << 20;

function* sourcesIn(folder: string, budget: { left: number }): Generator<string> {
  let entries: ReturnType<typeof entriesOf>;
  try {
    entries = entriesOf(folder);
  } catch {
    return;
  }
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      const skipped = entry.name.startsWith(".") || entry.name === "node_modules" || entry.name === "__pycache__";
      if (!skipped && !isEnvironmentDir(path)) yield* sourcesIn(path, budget);
    } else if (entry.isFile() && SOURCE.test(entry.name) && budget.left > 0) {
      budget.left -= 1;
      yield path;
    }
  }
}

const entriesOf = (folder: string) =>
  readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));

/** Variables that the project's sources ask for by name, with the first file that does. */
function askedVariables(project: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const path of sourcesIn(project, { left: MOST_FILES })) {
    if ((statSync(path, { throwIfNoEntry: false })?.size ?? MOST_BYTES) >= MOST_BYTES) continue;
    const text = (textOf(path) ?? "").replaceAll('\\"', '"');
    for (const pattern of ASKED)
      for (const [, name] of text.matchAll(pattern))
        if (name !== undefined && !OF_OTHERS.test(name) && !found.has(name)) found.set(name, relative(project, path));
  }
  return found;
}

interface Example {
  /** What .env.example is to be: as it is, and below it the names that it lacks, without values. */
  readonly text: string;
  readonly added: readonly string[];
  /** In it, and neither in .env nor in a source: perhaps of no use any more. */
  readonly unused: readonly string[];
}

/** Keeps .env.example in step with .env and with what the sources ask for. */
export function exampleOf(project: string): Example {
  const before = textOf(join(project, EXAMPLE));
  const own = namesIn(textOf(join(project, ".env")));
  const asked = askedVariables(project);
  const known = namesIn(before);
  const added = [...new Set([...own, ...asked.keys()])].filter((name) => !known.includes(name));
  const lines = added.map((name) => {
    const file = asked.get(name);
    return file === undefined ? `${name}=\n` : `# ${file}\n${name}=\n`;
  });
  const start = before === null || before === "" ? "" : before.endsWith("\n") ? before : `${before}\n`;
  const unused = known.filter((name) => !own.includes(name) && !asked.has(name));
  return { text: start + lines.join(""), added, unused };
}
