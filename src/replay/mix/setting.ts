import type { RunRecord, TerminalFacts } from "#record";
import type { Aspect } from "./aspect.ts";
import type { Ingredient } from "./ingredient.ts";

function terminalText({ stdin, stdout, stderr, columns, rows, stdinFile }: TerminalFacts): string {
  const size = [stdin, stdout, stderr].includes("tty") ? ` ${columns ?? "?"}x${rows ?? "?"}` : "";
  return `stdin ${stdinFile ?? stdin}, stdout ${stdout}, stderr ${stderr}${size}`;
}

/** The folder that the program is started in, the kind of its streams, what is forced on it. */
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
  const [before, after] = [a.policy?.mode ?? "off", b.policy?.mode ?? "off"];
  const policy: Ingredient = {
    kind: "config",
    name: "--deterministic",
    ...plain,
    words: `--deterministic ${before} → --deterministic ${after}`,
    a: before,
    b: after,
  };
  return {
    ingredients: [folder, streams, policy].filter((one) => one.a !== one.b),
    unmixable: [],
    apply(choice, draft) {
      if (choice.has(folder)) draft.workdir = a.command.workdir;
      if (choice.has(policy)) draft.policy = a.policy;
      if (choice.has(streams)) draft.terminal = a.terminal;
    },
  };
}
