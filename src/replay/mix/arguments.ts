import type { RunRecord } from "#record";
import { type Aspect, moved } from "./aspect.ts";
import { type Ingredient, shown } from "./ingredient.ts";

/** One option with its values, or one word that stands by itself. */
interface Group {
  readonly key: string;
  readonly words: readonly string[];
}

const OVERRIDE = /^(\+{0,2}[A-Za-z_][\w.@/-]*)=/;

function nameOf(word: string): string | null {
  const flag = /^(--?[A-Za-z][^=\s]*)/.exec(word)?.[1];
  return flag ?? OVERRIDE.exec(word)?.[1] ?? null;
}

/** Arguments after the program: options with what follows them, other words by their place. Equal keys are counted. */
function groupsOf(argv: readonly string[]): Group[] {
  const groups: { key: string; words: string[] }[] = [];
  const seen = new Map<string, number>();
  let positional = 0;
  for (const word of argv.slice(1)) {
    const name = nameOf(word);
    const last = groups.at(-1);
    if (
      name === null &&
      last?.key.startsWith("-") === true &&
      last.words.length === 1 &&
      !last.words[0]?.includes("=")
    ) {
      last.words.push(word);
      continue;
    }
    const key = name ?? `argument ${++positional}`;
    const count = (seen.get(key) ?? 0) + 1;
    seen.set(key, count);
    groups.push({ key: count === 1 ? key : `${key} (${count})`, words: [word] });
  }
  return groups;
}

interface Pair {
  readonly key: string;
  readonly a: Group | undefined;
  readonly b: Group | undefined;
  readonly ingredient: Ingredient;
}

function ingredientOf(key: string, a: Group | undefined, b: Group | undefined): Ingredient {
  const say = (group: Group | undefined): string | null => (group === undefined ? null : shown(group.words.join(" ")));
  const what =
    a === undefined ? `only B has ${say(b)}` : b === undefined ? `only A has ${say(a)}` : `${say(a)} → ${say(b)}`;
  const name = key.replace(/^-+/, "");
  return { kind: "config", name, file: null, line: null, words: `argument ${what}`, a: say(a), b: say(b) };
}

/** The command line after the program, key by key. */
export function argumentAspect(a: RunRecord, b: RunRecord): Aspect {
  const argvOfA = a.command.argv.map((word) => moved(word, a, b));
  const [left, right] = [groupsOf(argvOfA), groupsOf(b.command.argv)];
  const find = (groups: readonly Group[], key: string): Group | undefined => groups.find((group) => group.key === key);
  const keys = [...new Set([...right, ...left].map((group) => group.key))];
  const pairs = keys.flatMap((key): Pair[] => {
    const [x, y] = [find(left, key), find(right, key)];
    return x?.words.join("\0") === y?.words.join("\0")
      ? []
      : [{ key, a: x, b: y, ingredient: ingredientOf(key, x, y) }];
  });
  const order = left.map((group) => group.key).join("\0") !== right.map((group) => group.key).join("\0");
  if (pairs.length === 0 && order) {
    const words = "the arguments come in another order";
    const say = (argv: readonly string[]): string => shown(argv.slice(1).join(" "));
    const ingredient: Ingredient = {
      kind: "config",
      name: "order of arguments",
      file: null,
      line: null,
      words,
      a: say(argvOfA),
      b: say(b.command.argv),
    };
    pairs.push({ key: "", a: undefined, b: undefined, ingredient });
  }
  const hidden = pairs.filter((pair) =>
    [...(pair.a?.words ?? []), ...(pair.b?.words ?? [])].some((word) => word.includes("<redacted:")),
  );
  const mixable = pairs.filter((pair) => !hidden.includes(pair));
  return {
    ingredients: mixable.map((pair) => pair.ingredient),
    unmixable: hidden.map(({ ingredient }) => ({ ingredient, reason: "it holds a secret, which was not kept" })),
    apply(choice, draft) {
      const taken = mixable.filter((pair) => choice.has(pair.ingredient));
      if (taken.length === 0) return;
      if (taken.length === pairs.length) {
        draft.argv = [draft.argv[0] ?? "", ...argvOfA.slice(1)];
        return;
      }
      const mixed = [...right];
      for (const { key, a: from } of taken) {
        const at = mixed.findIndex((group) => group.key === key);
        if (from === undefined) mixed.splice(at, 1);
        else if (at !== -1) mixed[at] = from;
        else {
          const before = left[left.indexOf(from) - 1]?.key;
          mixed.splice(before === undefined ? 0 : mixed.findIndex((group) => group.key === before) + 1, 0, from);
        }
      }
      draft.argv = [draft.argv[0] ?? "", ...mixed.flatMap((group) => group.words)];
    },
  };
}
