import { isAbsolute } from "node:path";
import { runProgram } from "../program.ts";

/** In which order a Python has, under one hash seed, the small sets of some source files. */
export interface SetOrders {
  /**
   * Of each set of texts that is written out in the sources, its places in the order that it comes in: filled text by text,
   * and from the constant that a compiler makes of it.
   */
  readonly sets: readonly (readonly [string, string])[];
  /** Of every two texts of the sources, whether a set of both begins with the first: "0" or "1" each. */
  readonly pairs: string;
}

interface Found {
  readonly sets: readonly (readonly string[])[];
  readonly words: readonly string[];
}

/** Sources are parsed and never run. Sets of more texts than this come in another order as good as always. */
const READ = `
import ast, json, os, re, sys
sets, words = [], {}
def look(text):
    try:
        tree = ast.parse(text)
    except Exception:
        return
    for node in ast.walk(tree):
        items = ()
        if isinstance(node, ast.Set):
            items = node.elts
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("set", "frozenset") and len(node.args) == 1:
            items = getattr(node.args[0], "elts", ())
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and re.match(r"[\\w./-]{1,40}$", node.value):
            words[node.value] = words.get(node.value, 0) + 1
        found = [item.value for item in items if isinstance(item, ast.Constant) and isinstance(item.value, str)]
        if 1 < len(set(found)) <= 5 and len(sets) < 200:
            sets.append(found)
for path in json.load(sys.stdin):
    try:
        if os.path.getsize(path) > 2000000:
            continue
        with open(path, encoding="utf-8") as file:
            text = file.read()
        if path.endswith(".ipynb"):
            for cell in json.loads(text)["cells"]:
                if cell["cell_type"] == "code":
                    look("".join(cell["source"]))
        else:
            look(text)
    except Exception:
        pass
print(json.dumps({"sets": sets, "words": sorted(words, key=lambda word: (-words[word], word))[:60]}))
`;

const ORDER = `
import json, sys
asked = json.load(sys.stdin)
words = asked["words"]
def order(items, given):
    made = set()
    made.update(given)
    return " ".join(str(items.index(item)) for item in made)
pairs = "".join("01"[next(iter({a, b})) == a] for i, a in enumerate(words) for b in words[:i])
print(json.dumps({"sets": [[order(items, items), order(items, frozenset(items))] for items in asked["sets"]], "pairs": pairs}))
`;

/** The isolation of -I would take the seed away; without site nothing of the environment is imported. */
async function ask<Answer>(python: string, script: string, question: unknown, seed: string): Promise<Answer | null> {
  const asked = await runProgram(python, ["-S", "-c", script], {
    cwd: "/",
    env: { PYTHONHASHSEED: seed, PYTHONIOENCODING: "utf-8" },
    input: Buffer.from(JSON.stringify(question)),
    timeoutMs: 20_000,
  });
  try {
    return asked.code === 0 ? (JSON.parse(asked.stdout.toString("utf8")) as Answer) : null;
  } catch {
    return null;
  }
}

/**
 * Orders of the sets in these Python sources (absolute paths; .py, .ipynb) under each hash seed, as this Python has them.
 * Empty where the sources have no two texts, or the Python does not answer: nothing here is needed for a result.
 */
export async function setOrders(
  python: string,
  files: readonly string[],
  seeds: readonly string[],
): Promise<ReadonlyMap<string, SetOrders>> {
  const orders = new Map<string, SetOrders>();
  const program = isAbsolute(python) ? python : null;
  const found = program === null ? null : await ask<Found>(program, READ, files, "0");
  if (program === null || found === null || found.words.length < 2) return orders;
  for (let at = 0; at < seeds.length; at += 4) {
    const some = seeds.slice(at, at + 4);
    const answers = await Promise.all(some.map((seed) => ask<SetOrders>(program, ORDER, found, seed)));
    for (const [index, answer] of answers.entries()) if (answer !== null) orders.set(some[index] ?? "", answer);
  }
  return orders;
}
