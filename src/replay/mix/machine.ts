import { isUnknown, knownOr, type RunRecord } from "#record";
import type { Ingredient, Unmixable } from "./ingredient.ts";

function machineFacts(run: RunRecord): Map<string, string> {
  const { hardware } = run;
  const say = (value: unknown): string => (isUnknown(value) ? "unknown" : String(value));
  return new Map([
    ["CPU", hardware.cpu.model],
    ["CPU features", isUnknown(hardware.cpu.flags) ? "unknown" : hardware.cpu.flags.join(" ")],
    ["CPUs usable", String(hardware.cpu.usable)],
    ["GPUs", isUnknown(hardware.gpus) ? "unknown" : hardware.gpus.map((gpu) => `${gpu.name} ${gpu.driver}`).join(", ")],
    ["operating system", hardware.os],
    ["kernel", hardware.kernel],
    ["C library", say(hardware.libc)],
    ["time zone", hardware.timeZone],
    ["locale", hardware.locale],
  ]);
}

/** What lies outside the reach of a replay on this machine: named, never called innocent. */
export function machineDifferences(a: RunRecord, b: RunRecord): Unmixable[] {
  const [left, right] = [machineFacts(a), machineFacts(b)];
  const facts = [...left].flatMap(([name, value]): Unmixable[] => {
    const other = right.get(name) ?? "unknown";
    if (value === other) return [];
    const words = `${name}: ${value.slice(0, 80)} → ${other.slice(0, 80)}`;
    const ingredient: Ingredient = { kind: "hardware", name, file: null, line: null, words, a: value, b: other };
    return [{ ingredient, reason: "a replay has the machine that it runs on" }];
  });
  return [...facts, ...outsideInputs(a, b), ...unsavedModules(a, b), ...libraries(a, b)];
}

const contents = (run: RunRecord, of: "inputs" | "outputs"): Map<string, string> =>
  new Map(
    knownOr(run[of], []).flatMap(({ path, scope, digest }) =>
      scope === "project" || isUnknown(digest) ? [] : [[path, digest] as const],
    ),
  );

/** Files outside the project: read with another content, or left by one run for the other. */
function outsideInputs(a: RunRecord, b: RunRecord): Unmixable[] {
  const [left, right] = [contents(a, "inputs"), contents(b, "inputs")];
  const [madeByA, madeByB] = [contents(a, "outputs"), contents(b, "outputs")];
  return [...new Set([...left.keys(), ...right.keys()])].flatMap((path): Unmixable[] => {
    const [x, y] = [left.get(path) ?? null, right.get(path) ?? null];
    const made = (y !== null && madeByA.get(path) === y) || (x !== null && madeByB.get(path) === x);
    if (x === y || ((x === null || y === null) && !made)) return [];
    const words = `${path}, outside the project, ${made ? "was left by one run for the other" : "had another content"}`;
    const kind = made ? "leftover-state" : "data-content";
    const ingredient: Ingredient = { kind, name: path, file: path, line: null, words, a: x, b: y };
    return [{ ingredient, reason: "files outside the project are used as they lie there and not restored" }];
  });
}

/** Modules that were imported and are in no snapshot: ignored by git, too large. */
function unsavedModules(a: RunRecord, b: RunRecord): Unmixable[] {
  const theirs = new Map(knownOr(b.modules, []).map((module) => [module.path, module.digest]));
  return knownOr(a.modules, []).flatMap(({ path, digest, saved }): Unmixable[] => {
    const other = theirs.get(path);
    if (saved === "same" || other === undefined || isUnknown(digest) || isUnknown(other) || digest === other) return [];
    const words = `${path} differs`;
    const ingredient: Ingredient = { kind: "code", name: path, file: path, line: null, words, a: digest, b: other };
    return [{ ingredient, reason: "it was imported but not saved: ignored by git, or too large" }];
  });
}

function libraries(a: RunRecord, b: RunRecord): Unmixable[] {
  const packaged = /\/(?:site|dist)-packages\//;
  const theirs = new Map(knownOr(b.environment.libraries, []).map((item) => [item.path, item.digest]));
  return knownOr(a.environment.libraries, []).flatMap(({ path, role, digest }): Unmixable[] => {
    const other = theirs.get(path);
    if (role === undefined || packaged.test(path) || other === undefined || isUnknown(digest) || isUnknown(other))
      return [];
    if (digest === other) return [];
    const words = `${path} (${role}) was another build`;
    const ingredient: Ingredient = {
      kind: "package-version",
      name: path,
      file: null,
      line: null,
      words,
      a: digest,
      b: other,
    };
    return [{ ingredient, reason: "libraries of the system are used as they are now" }];
  });
}
