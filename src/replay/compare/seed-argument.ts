import { basename } from "node:path";
import { RepriseError } from "#record";

const MARK = "{seed}";
const SHELL = /^(?:ba|da|z|k|a|fi)?sh$/;

interface Group {
  /** What stands before the value: "--seed", "seed"; null: nothing by which it is found again. */
  readonly key: string | null;
  readonly words: readonly string[];
}

function groupsOf(template: string): Group[] {
  const words = template.trim().split(/\s+/);
  const groups: Group[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? "";
    const next = words[i + 1];
    const equals = word.indexOf("=");
    if (equals > 0) groups.push({ key: word.slice(0, equals), words: [word] });
    else if (word.startsWith("-") && next !== undefined && !next.startsWith("-")) {
      groups.push({ key: word, words: [word, next] });
      i += 1;
    } else groups.push({ key: null, words: [word] });
  }
  return groups;
}

/** Throws SEED_ARGUMENT where no seed could get in. */
export function checkSeedArgument(template: string, argv: readonly string[]): void {
  const wrong = (message: string): RepriseError =>
    new RepriseError("SEED_ARGUMENT", "usage", message, "--seed-arg '--seed {seed}'");
  if (!template.includes(MARK)) throw wrong(`--seed-arg '${template}': it needs {seed}, where the number goes`);
  if (SHELL.test(basename(argv[0] ?? "")) && argv.some((word) => /^-\w*c$/.test(word)))
    throw wrong("the command is a line of a shell: an argument behind it would not reach the program in it");
}

/** In place of the one that is there, however it is written; else behind all others. */
function put(argv: readonly string[], { key, words }: Group): string[] {
  if (key === null) return [...argv, ...words];
  const value = words.length === 2 ? (words[1] ?? "") : (words[0] ?? "").slice(key.length + 1);
  const bare = key.replace(/^\++/, "");
  const joined = argv.findIndex((word, i) => i > 0 && word.replace(/^\++/, "").startsWith(`${bare}=`));
  if (joined !== -1) {
    const before = argv[joined] ?? "";
    return argv.with(joined, `${before.slice(0, before.indexOf("="))}=${value}`);
  }
  const apart = argv.findIndex((word, i) => i > 0 && word === key && i + 1 < argv.length);
  return key.startsWith("-") && apart !== -1 ? argv.with(apart + 1, value) : [...argv, ...words];
}

/** The command with this seed, such as `--seed 7` for the template `--seed {seed}`. */
export function withSeed(argv: readonly string[], template: string, seed: number): string[] {
  const groups = groupsOf(template.replaceAll(MARK, String(seed)));
  return groups.reduce((words, group) => put(words, group), [...argv]);
}
