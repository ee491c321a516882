import { isUnknown, knownOr, type RunRecord, type TerminalFacts } from "#record";
import type { Aspect } from "./aspect.ts";
import type { Ingredient, Unmixable } from "./ingredient.ts";

function terminalText({ stdin, stdout, stderr, columns, rows, stdinFile }: TerminalFacts): string {
  const size = [stdin, stdout, stderr].includes("tty") ? ` ${columns ?? "?"}x${rows ?? "?"}` : "";
  return `stdin ${stdinFile ?? stdin}, stdout ${stdout}, stderr ${stderr}${size}`;
}

/** The folder that the program is started in, and the kind of its streams. */
export function settingAspect(a: RunRecord, b: RunRecord): Aspect {
  const plain = { file: null, line: null } as const;
  const folder: Ingredient = {
    kind: "other",
    name: "working folder",
    ...plain,
    words: "the program was started in another folder of the project",
    a: a.command.workdir || ".",
    b: b.command.workdir || ".",
  };
  const streams: Ingredient = {
    kind: "other",
    name: "terminal",
    ...plain,
    words: "standard input or output was of another kind",
    a: terminalText(a.terminal),
    b: terminalText(b.terminal),
  };
  return {
    ingredients: [folder, streams].filter((one) => one.a !== one.b),
    unmixable: [],
    apply(choice, draft) {
      if (choice.has(folder)) draft.workdir = a.command.workdir;
      if (choice.has(streams)) draft.terminal = a.terminal;
    },
  };
}

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
  return [...facts, ...outsideInputs(a, b), ...libraries(a, b)];
}

function outsideInputs(a: RunRecord, b: RunRecord): Unmixable[] {
  const theirs = new Map(knownOr(b.inputs, []).map((input) => [input.path, input.digest]));
  return knownOr(a.inputs, []).flatMap(({ path, scope, digest }): Unmixable[] => {
    const other = theirs.get(path);
    if (scope === "project" || other === undefined || isUnknown(digest) || isUnknown(other) || digest === other)
      return [];
    const ingredient: Ingredient = {
      kind: "data-content",
      name: path,
      file: path,
      line: null,
      words: `${path}, outside the project, had another content`,
      a: digest,
      b: other,
    };
    return [{ ingredient, reason: "files outside the project are used as they lie there and not restored" }];
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
