import { basename } from "node:path";
import { type AgentEvent, isUnknown, type RunRecord } from "#record";

/** Programs that libraries start, and that start no git. */
const WITHOUT_GIT =
  /^(?:uname|ldconfig|ldd|lscpu|nproc|nvidia-smi|hostname|getconf|file|which|(?:\S+-)?(?:gcc|g\+\+|cc|c\+\+|ld|objdump))$/;

/**
 * Whether a run may have asked the program git for something: only where each process that it started is known, and is a
 * Python that told of its own, or a program that asks for none, it is sure that it did not.
 */
export function mayAskGit({ command }: Pick<RunRecord, "command">, events: readonly AgentEvent[]): boolean {
  const pythons = events.flatMap((event) => (event.e === "hello" && event.lang === "python" ? [event.exe] : []));
  const told = new Set(pythons);
  // A shell that starts it may have asked before. By its name: in an environment that was built again it lies elsewhere.
  if (told.size === 0 || isUnknown(command.executable) || !/^python[\d.]*$/.test(basename(command.executable)))
    return true;
  return events.some((event) => {
    if (event.e !== "spawn") return false;
    const [program = ""] = event.argv;
    return !told.has(program) && !WITHOUT_GIT.test(basename(program));
  });
}
