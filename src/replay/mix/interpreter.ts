import { isUnknown, knownOr, type RunRecord } from "#record";
import { type Aspect, moved } from "./aspect.ts";
import { type Choice, type Ingredient, shown, type Unmixable } from "./ingredient.ts";
import { PLACES_OF_PYTHON } from "./variables.ts";

export interface InterpreterAspect extends Aspect {
  /** Whose environment a choice has; packages that it should have otherwise are laid over it. */
  base(choice: Choice): "a" | "b";
}

function places(run: RunRecord, move: (text: string) => string): string {
  return run.variables
    .filter((fact) => PLACES_OF_PYTHON.has(fact.name))
    .map((fact) => `${fact.name}=${"value" in fact ? move(fact.value) : fact.hmac}`)
    .join("\n");
}

function programOf(run: RunRecord): string {
  const python = knownOr(run.environment.python, null);
  return python === null
    ? knownOr(run.command.executable, "unknown")
    : `${python.implementation} ${python.version} at ${python.prefix}`;
}

/** The program that runs the command, with the variables by which it finds its packages. */
export function interpreterAspect(a: RunRecord, b: RunRecord): InterpreterAspect {
  const move = (text: string): string => moved(text, a, b);
  const [before, after] = [move(programOf(a)), programOf(b)];
  const same = a.command.argv[0] === undefined ? true : move(a.command.argv[0]) === b.command.argv[0];
  const [left, right] = [places(a, move), places(b, (text) => text)];
  const named = [...PLACES_OF_PYTHON].filter((name) => lineOf(left, name) !== lineOf(right, name));
  const program = before !== after || !same;
  const ingredient: Ingredient = program
    ? {
        kind: "package-version",
        name: "python",
        file: null,
        line: null,
        words: `interpreter: ${before} → ${after}`,
        a: shown(before),
        b: shown(after),
      }
    : {
        kind: "environment-variable",
        name: named.join(" "),
        file: null,
        line: null,
        words: `${named.join(" and ")}: where programs and packages are looked for`,
        a: shown(named.map((name) => lineOf(left, name) ?? "not set").join(" ")),
        b: shown(named.map((name) => lineOf(right, name) ?? "not set").join(" ")),
      };
  const differs = program || named.length > 0;
  const gone = a.status === "not-started" || isUnknown(a.command.executable);
  const unmixable: Unmixable[] = differs && gone ? [{ ingredient, reason: "run A found no program to start" }] : [];
  const mixable = differs && !gone;
  return {
    ingredients: mixable ? [ingredient] : [],
    unmixable,
    base: (choice) => (mixable && choice.has(ingredient) ? "a" : "b"),
    apply(choice, draft) {
      if (!mixable || !choice.has(ingredient)) return;
      draft.argv = [move(a.command.argv[0] ?? ""), ...draft.argv.slice(1)];
      draft.executable = a.command.executable;
      draft.environment = a.environment;
      for (const name of PLACES_OF_PYTHON) {
        const fact = a.variables.find((item) => item.name === name);
        if (fact === undefined) draft.variables.delete(name);
        else
          draft.variables.set(
            name,
            "value" in fact && name !== "PATH" && name !== "VIRTUAL_ENV" ? { name, value: move(fact.value) } : fact,
          );
      }
    },
  };
}

function lineOf(text: string, name: string): string | undefined {
  return text
    .split("\n")
    .find((line) => line.startsWith(`${name}=`))
    ?.slice(name.length + 1);
}
