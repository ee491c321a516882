import type { Origin } from "#content";
import type { AgentEvent, RunRecord } from "#record";

/** What the record of a run knows about its own noise: where, when, as which processes it ran (docs/verdict.md). */
export function originOf(run: RunRecord, events: readonly AgentEvent[], folders: readonly string[] = []): Origin {
  const asked = events.flatMap((event) =>
    event.e === "val" && event.kind === "process-id" && /^\d+$/.test(event.v) ? [Number(event.v)] : [],
  );
  const parents = events.flatMap((event) => (event.e === "hello" && event.ppid > 1 ? [event.ppid] : []));
  const pids = [...new Set([...run.agent.processes.map((item) => item.pid), ...parents, ...asked])];
  const drawn = events.flatMap((event) =>
    (event.e === "val" && event.kind === "os-entropy") || event.e === "id" ? [event.v] : [],
  );
  const clock = events.flatMap((event) =>
    event.e === "val" && event.kind === "clock" && Number.isFinite(Number(event.v)) ? [Number(event.v)] : [],
  );
  return {
    roots: [...new Set([run.command.project, run.command.cwd, ...folders])],
    pids,
    startMs: Date.parse(run.startedAt),
    endMs: Date.parse(run.endedAt),
    seconds: run.seconds,
    uuids: drawn,
    hostname: run.hardware.hostname,
    timeZone: run.hardware.timeZone,
    clockValues: clock,
  };
}
