import { judgeName } from "./name.ts";
import { isNumber, isPlain, looksRandom } from "./value.ts";

/**
 * Arguments one by one, and `--api-key X` as a pair. An argument that is nothing but a value cannot be mistaken for
 * code, so here a strong name is enough.
 */
export function redactArguments(
  argv: readonly string[],
  redactText: (text: string) => { readonly text: string; readonly count: number },
  mark: (secret: string, rule: string) => string,
): { argv: readonly string[]; count: number } {
  let count = 0;
  const redacted = argv.map((argument, index) => {
    const rule = ruleOfPair(argv[index - 1], argument);
    if (rule !== null) {
      count++;
      return mark(argument, rule);
    }
    const own = ownValue(argument);
    if (own !== null) {
      count++;
      return `${argument.slice(0, own.start)}${mark(argument.slice(own.start), own.rule)}`;
    }
    const result = redactText(argument);
    count += result.count;
    return result.text;
  });
  return { argv: redacted, count };
}

/** The values that are secrets by the name before them: they are searched for elsewhere too. */
export function secretArguments(argv: readonly string[]): string[] {
  return argv.flatMap((argument, index) => {
    if (ruleOfPair(argv[index - 1], argument) !== null) return [argument];
    const own = ownValue(argument);
    return own === null ? [] : [argument.slice(own.start)];
  });
}

function ruleOfPair(flag: string | undefined, value: string): string | null {
  if (flag === undefined || !/^--?[A-Za-z]/.test(flag) || flag.includes("=") || value.startsWith("-")) return null;
  return secretUnder(flag, value);
}

/** --password=X and Hydra's db.password=X, +db.password=X. */
function ownValue(argument: string): { start: number; rule: string } | null {
  const assignment = /^(?:-{1,2}|\+{1,2})?[A-Za-z_][\w.@/-]*=/.exec(argument)?.[0];
  if (assignment === undefined) return null;
  const rule = secretUnder(assignment.slice(0, -1), argument.slice(assignment.length));
  return rule === null ? null : { start: assignment.length, rule };
}

function secretUnder(name: string, value: string): string | null {
  const { suspicion, rule } = judgeName(name.split(".").at(-1) ?? name);
  if (suspicion === null || value.length < 3 || isPlain(value) || value.includes("<redacted:")) return null;
  if (suspicion === "weak") return looksRandom(value) ? rule : null;
  if (isNumber(value)) return /secret|password/.test(rule) && value.length >= 4 ? rule : null;
  return rule;
}
