import type { EnvironmentReport, Rebuilt } from "#environment";
import { knownOr, RepriseError, type RunRecord } from "#record";
import type { Store } from "#store";
import type { Context } from "../context.ts";
import { plural } from "../render/words.ts";
import { cacheOf, digestsBy, objectsOf, presentPython } from "./place.ts";

const CHOICES = ["recorded", "rebuild", "present"] as const;
export type EnvironmentChoice = (typeof CHOICES)[number];

export function choiceOf(text: string): EnvironmentChoice {
  const choice = CHOICES.find((known) => known === text);
  if (choice !== undefined) return choice;
  throw new RepriseError(
    "USAGE",
    "usage",
    `--environment ${text}: no such choice`,
    `--environment ${CHOICES.join("|")}`,
  );
}

/** The run as it is to be done again, and what is to be said of its environment. */
export interface Chosen {
  readonly run: RunRecord;
  readonly kind: "recorded" | "rebuilt" | "present";
  readonly prefix: string | null;
  /** null: nothing worth saying. */
  readonly said: string | null;
}

function differences({ python, packages, libraries }: EnvironmentReport): string {
  const parts = [
    ...(python.state === "equal" ? [] : [`${python.present}, recorded ${python.recorded}`]),
    ...packages
      .filter(({ used, state }) => used && state !== "equal")
      .map(({ name, recorded, present }) => `${name} ${present ?? "missing"}, recorded ${recorded ?? "none"}`),
  ];
  const builds = libraries.filter(({ state }) => state === "other" || state === "missing").length;
  if (builds > 0) parts.push(`${plural(builds, "loaded library", "loaded libraries")} of another build`);
  return parts.length > 4 ? `${parts.slice(0, 4).join("; ")}; and ${parts.length - 4} more` : parts.join("; ");
}

function outcome({ prefix, installer, fresh, report, left }: Rebuilt): string {
  const equal = report.packages.filter(({ state }) => state === "equal").length;
  const other = report.usedSame ? "" : `; other: ${differences(report)}`;
  const without =
    left.length === 0 ? "" : `; left out, as the run did not import it: ${left.map(({ name }) => name).join(", ")}`;
  return `${fresh ? `rebuilt with ${installer}` : "rebuilt before"} in ${prefix} (${plural(equal, "package")} equal${other}${without})`;
}

const few = (changes: readonly string[]): string =>
  changes.length > 3 ? `${changes.slice(0, 3).join("; ")}; and ${changes.length - 3} more` : changes.join("; ");

/**
 * The recorded environment where it still is what the run used, else one that is built again; where that is not to be had
 * either, the recorded place as it is now, with a word. `asked` leaves no choice.
 */
export async function chooseEnvironment(
  store: Store,
  run: RunRecord,
  asked: EnvironmentChoice | undefined,
  context: Context,
  onProgress: (words: string) => void,
): Promise<Chosen> {
  const recorded = { run, kind: "recorded", prefix: null, said: null } as const;
  const python = knownOr(run.environment.python, null);
  if (python === null) return recorded;
  const { changesOfRecorded, inEnvironment, presentEnvironment, rebuildEnvironment } = await import("#environment");
  if (asked === "present") {
    const found = presentPython(run, undefined, context);
    const present = knownOr(await presentEnvironment(found, context.env), null);
    if (present === null || present.prefix === python.prefix) return { ...recorded, kind: "present" };
    const place = { prefix: present.prefix, python: present.executable };
    return {
      run: inEnvironment(run, place),
      kind: "present",
      prefix: present.prefix,
      said: `the present one, ${found}`,
    };
  }
  const { eventsOf } = await import("#replay");
  const hello = eventsOf(run, store).find((event) => event.e === "hello" && event.lang === "python");
  const changes =
    asked === "rebuild" ? [] : await changesOfRecorded(run, hello?.e === "hello" ? hello.path : [], context.env);
  if (asked !== "rebuild" && changes.length === 0) return recorded;
  if (asked === "recorded")
    throw new RepriseError(
      "ENVIRONMENT_CHANGED",
      "missing",
      `the recorded environment is not what it was: ${few(changes)}`,
      `reprise replay ${run.id} --environment rebuild`,
    );
  try {
    const rebuilt = await rebuildEnvironment({
      run,
      cache: cacheOf(context),
      env: context.env,
      digest: digestsBy(store),
      readObject: objectsOf(store),
      onProgress,
    });
    const why = changes.length === 0 ? "" : `${few(changes)}; `;
    return { run: inEnvironment(run, rebuilt), kind: "rebuilt", prefix: rebuilt.prefix, said: why + outcome(rebuilt) };
  } catch (error) {
    const ours = error instanceof RepriseError && error.code.startsWith("ENVIRONMENT_");
    if (!ours || asked === "rebuild" || changes.some((change) => change.startsWith(`${python.executable} `)))
      throw error;
    return { ...recorded, said: `not as recorded (${few(changes)}), and ${error.message}: taken as it is now` };
  }
}
