import type { EnvironmentCache, EnvironmentReport, Here, Rebuilt } from "#environment";
import { knownOr, RepriseError, type RunRecord } from "#record";
import type { Store } from "#store";
import { eventsOf } from "../replay.ts";

/** Which environment a run is done again in. */
export type EnvironmentChoice = "recorded" | "rebuild" | "present";

/** The run as it is to be done again, and what is to be said of its environment. */
export interface Chosen {
  readonly run: RunRecord;
  readonly kind: "recorded" | "rebuilt" | "present";
  readonly prefix: string | null;
  /** null: nothing worth saying. */
  readonly said: string | null;
}

export interface EnvironmentAsked extends Here {
  readonly store: Store;
  readonly run: RunRecord;
  /** Left out: the recorded one while it is what the run used, else one that is built again. */
  readonly choice?: EnvironmentChoice;
  /** Where rebuilt environments are kept; asked for only when one is. */
  readonly cache: () => EnvironmentCache;
  readonly onProgress?: (words: string) => void;
}

const counted = (count: number, noun: string, many: string): string => `${count} ${count === 1 ? noun : many}`;

function differences({ python, packages, libraries }: EnvironmentReport): string {
  const parts = [
    ...(python.state === "equal" ? [] : [`${python.present}, recorded ${python.recorded}`]),
    ...packages
      .filter(({ used, state }) => used && state !== "equal")
      .map(({ name, recorded, present }) => `${name} ${present ?? "missing"}, recorded ${recorded ?? "none"}`),
  ];
  const builds = libraries.filter(({ state }) => state === "other" || state === "missing").length;
  if (builds > 0) parts.push(`${counted(builds, "loaded library", "loaded libraries")} of another build`);
  return parts.length > 4 ? `${parts.slice(0, 4).join("; ")}; and ${parts.length - 4} more` : parts.join("; ");
}

function outcome({ prefix, installer, fresh, report, left }: Rebuilt): string {
  const equal = report.packages.filter(({ state }) => state === "equal").length;
  const other = report.usedSame ? "" : `; other: ${differences(report)}`;
  const without =
    left.length === 0 ? "" : `; left out, as the run did not import it: ${left.map(({ name }) => name).join(", ")}`;
  return `${fresh ? `rebuilt with ${installer}` : "rebuilt before"} in ${prefix} (${counted(equal, "package", "packages")} equal${other}${without})`;
}

const few = (changes: readonly string[]): string =>
  changes.length > 3 ? `${changes.slice(0, 3).join("; ")}; and ${changes.length - 3} more` : changes.join("; ");

/**
 * The recorded environment where it still is what the run used, else one that is built again; where that is not to be had
 * either, the recorded place as it is now, with a word. A choice that was made leaves no other.
 */
export async function chooseEnvironment(asking: EnvironmentAsked): Promise<Chosen> {
  const { store, run, choice: asked, cache, env, onProgress } = asking;
  const recorded = { run, kind: "recorded", prefix: null, said: null } as const;
  const python = knownOr(run.environment.python, null);
  if (python === null) return recorded;
  // Loaded only here: most replays need nothing of it.
  const { changesOfRecorded, digestsBy, inEnvironment, objectsOf, presentEnvironment, pythonHere, rebuildEnvironment } =
    await import("#environment");
  if (asked === "present") {
    const found = pythonHere(run, asking);
    if (found === null)
      throw new RepriseError(
        "PYTHON_UNUSABLE",
        "usage",
        "there is no Python on PATH",
        "leave --environment present out",
      );
    const present = knownOr(await presentEnvironment(found, env), null);
    if (present === null || present.prefix === python.prefix) return { ...recorded, kind: "present" };
    const place = { prefix: present.prefix, python: present.executable };
    return {
      run: inEnvironment(run, place),
      kind: "present",
      prefix: present.prefix,
      said: `the present one, ${found}`,
    };
  }
  const hello = eventsOf(run, store).find((event) => event.e === "hello" && event.lang === "python");
  const changes = asked === "rebuild" ? [] : await changesOfRecorded(run, hello?.e === "hello" ? hello.path : [], env);
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
      cache: cache(),
      env,
      digest: digestsBy(store),
      readObject: objectsOf(store),
      onProgress: onProgress ?? (() => {}),
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

/** An answer says in which environment it was come to, where that was not the recorded one. */
export function withEnvironment<T extends { readonly warnings: readonly string[] }>(
  document: T,
  { said }: Pick<Chosen, "said">,
): T {
  return said === null ? document : { ...document, warnings: [`environment: ${said}`, ...document.warnings] };
}
