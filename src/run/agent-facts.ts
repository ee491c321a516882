import type { AgentEvent, AgentFacts, HelloEvent } from "#record";

/** The events of one process, in the order it wrote them. */
export interface ProcessEvents {
  readonly file: string;
  readonly events: readonly AgentEvent[];
}

/**
 * The hello of the main process: the one without a parent among the others. Launchers such as `pipenv run` and `poetry run`
 * are Python programs with an environment of their own, and become the program that was asked for: that one's counts.
 */
export function mainHello(processes: readonly ProcessEvents[]): HelloEvent | null {
  const hellos = processes.flatMap(({ events }) => events.filter((event): event is HelloEvent => event.e === "hello"));
  const first =
    hellos.find((hello) => hello.lang === "python" && hello.proc === "0") ??
    hellos.find((hello) => hello.lang === "python") ??
    hellos[0] ??
    null;
  if (first === null) return null;
  const same = hellos.filter(({ lang, pid, ppid }) => lang === "python" && pid === first.pid && ppid === first.ppid);
  return same.reduce((last, hello) => (hello.t > last.t ? hello : last), first);
}

/** Why a command's process said nothing: the best reason its words give. */
function silentReason(argv: readonly string[]): string {
  const flags = argv.slice(1).filter((word) => /^-[a-zA-Z]+$/.test(word));
  const name = argv[0]?.split("/").at(-1) ?? "";
  if (argv.some((word) => /(^|[\s;&|(])(PYTHONPATH|NODE_OPTIONS)=/.test(word)))
    return "the command sets PYTHONPATH or NODE_OPTIONS itself, by which the agent gets in: set it before `reprise run`, as in PYTHONPATH=src reprise run -- python train.py";
  if (name.startsWith("python")) {
    for (const [letter, words] of [
      ["I", "isolated mode"],
      ["S", "no site module"],
      ["E", "environment ignored"],
    ] as const) {
      if (flags.some((flag) => flag.includes(letter) && !flag.includes("m")))
        return `the interpreter was started with -${letter} (${words}), so the agent could not get in`;
    }
    return "the agent could not get into this Python process";
  }
  return `${name} is not a Python or Node program that the agent can get into, so what it read, drew and loaded is not seen from inside`;
}

/** By exec: the other program goes on under its pid. */
const becameAnother = (start: Pick<HelloEvent, "pid" | "ppid" | "t">, starts: readonly HelloEvent[]): boolean =>
  starts.some((later) => later.pid === start.pid && later.ppid === start.ppid && later.t > start.t);

/** What the agent saw of the processes, and why not where it saw nothing. `redacted` takes secrets out of arguments. */
export function agentFacts(
  processes: readonly ProcessEvents[],
  argv: readonly string[],
  torn: number,
  redacted: (argv: readonly string[]) => readonly string[],
): AgentFacts {
  const faults = processes.flatMap(({ events }) =>
    events.flatMap((event) => (event.e === "fault" ? [`${event.what}: ${event.why}`] : [])),
  );
  if (torn > 0) faults.push(`${torn} event line(s) were cut off when a process ended and are left out`);
  const starts = processes.flatMap(({ events }) => events.filter((event) => event.e === "hello"));
  const known = processes.flatMap(({ events }) => {
    const start = events.find((event) => event.e === "hello" || event.e === "fork");
    if (start === undefined) return [];
    const ended = events.some((event) => event.e === "end") || becameAnother(start, starts);
    return start.e === "hello"
      ? [{ pid: start.pid, key: start.proc, language: start.lang as string, argv: redacted(start.argv), ended }]
      : start.e === "fork"
        ? [{ pid: start.pid, key: start.proc, language: "fork", argv: [], ended }]
        : [];
  });
  const base = { processes: known, faults: [...new Set(faults)] };
  if (known.length === 0) return { state: "none", reason: silentReason(argv), ...base };
  const cut = known.filter((item) => !item.ended && item.language !== "fork").length;
  if (cut > 0)
    return {
      state: "partial",
      reason: `${cut} process(es) ended without a last word: killed, or the agent was closed`,
      ...base,
    };
  return { state: "attached", ...base };
}
