import type { EnvironmentReport, FactCompared, LibraryCompared } from "#environment";
import type { Colors } from "../output.ts";
import { safe } from "../render/escape.ts";
import { plural, shortId } from "../render/words.ts";

export interface CheckDocument {
  readonly format: "reprise/env-check@1";
  readonly run: string;
  readonly python: string;
  readonly same: boolean;
  readonly environment: EnvironmentReport;
  readonly machine: readonly FactCompared[];
  readonly variables: readonly FactCompared[];
}

interface Entry {
  readonly sign: string;
  readonly name: string;
  readonly words: string;
}

const SIGNS = { equal: "=", other: "~", missing: "-", extra: "+", unknown: "?" } as const;
const SHOWN = 20;

function section(title: string, entries: readonly Entry[], colors: Colors): string {
  if (entries.length === 0) return "";
  const width = Math.min(28, Math.max(...entries.map(({ name }) => name.length)));
  const lines = entries
    .slice(0, SHOWN)
    .map(({ sign, name, words }) => `  ${sign} ${safe(name).padEnd(width)}  ${safe(words)}`);
  const more = entries.length > SHOWN ? [`  and ${entries.length - SHOWN} more (--json has all)`] : [];
  return `\n${colors.bold(title)}\n${[...lines, ...more].join("\n")}\n`;
}

function packageEntries({ packages }: EnvironmentReport, used: boolean): Entry[] {
  return packages
    .filter((item) => item.state !== "equal" && item.used === used)
    .map(({ name, recorded, present, state }) => ({
      sign: SIGNS[state],
      name,
      words:
        state === "extra"
          ? `${present ?? ""}, not there then`
          : state === "missing"
            ? `${recorded ?? ""}, not installed`
            : `${recorded ?? ""} → ${present ?? ""}`,
    }));
}

function libraryEntries({ libraries, packages }: EnvironmentReport): Entry[] {
  const differing = libraries.filter(({ state }) => state !== "equal");
  // Where packages differ their libraries do: one line for each of its files would hide what counts.
  const expected = packages.some(({ used, state }) => used && state !== "equal");
  const folded = (item: LibraryCompared): boolean => item.of === "interpreter" || (expected && item.of === "package");
  const counted = (of: LibraryCompared["of"], name: string): Entry[] => {
    const count = differing.filter((item) => item.of === of && folded(item)).length;
    return count === 0 ? [] : [{ sign: "~", name, words: `${count} missing or of another build` }];
  };
  return [
    ...differing.filter((item) => !folded(item)).map(libraryEntry),
    ...counted("package", "libraries of packages"),
    ...counted("interpreter", "modules of the interpreter"),
  ];
}

function libraryEntry({ path, role, state, present }: LibraryCompared): Entry {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const what = state === "missing" ? "not there" : state === "unknown" ? "could not be compared" : "another build";
  const at = present !== null && present !== path ? ` (${present})` : "";
  return { sign: SIGNS[state], name: role === null ? name : `${name} (${role})`, words: `${what}${at}` };
}

function factEntries(facts: readonly FactCompared[]): Entry[] {
  return facts
    .filter(({ state }) => state !== "equal")
    .map(({ name, recorded, present, state }) => ({ sign: SIGNS[state], name, words: `${recorded} → ${present}` }));
}

/** What would differ from a recorded run if it were done here and now. */
export function checkText(document: CheckDocument, colors: Colors): string {
  const { environment, machine, variables, run, python } = document;
  const equal = environment.packages.filter(({ state }) => state === "equal").length;
  const loaded = environment.libraries.filter(({ state }) => state === "equal").length;
  const counts = `${plural(equal, "package")} and ${plural(loaded, "loaded library", "loaded libraries")} equal`;
  if (document.same)
    return `${colors.green("✓ same")} — ${safe(python)} and this machine are as in run ${shortId(run)}: ${counts}\n`;
  const interpreter: Entry[] = [
    ...(environment.python.state === "equal"
      ? []
      : [{ sign: "~", name: "python", words: `${environment.python.recorded} → ${environment.python.present}` }]),
    ...(environment.platform.state === "other"
      ? [
          {
            sign: "~",
            name: "platform",
            words: `${environment.platform.recorded ?? "unknown"} → ${environment.platform.present}`,
          },
        ]
      : []),
  ];
  const used = [...interpreter, ...packageEntries(environment, true)];
  const head = `${colors.red("✗ differs")} — ${safe(python)} and this machine from run ${shortId(run)}: ${counts}\n`;
  return [
    head,
    section("used by the run", used, colors),
    section("libraries that it had loaded", libraryEntries(environment), colors),
    section("this machine", factEntries(machine), colors),
    section("variables", factEntries(variables), colors),
    section("not imported by the run", packageEntries(environment, false), colors),
  ].join("");
}
