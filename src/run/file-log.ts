import type { AgentEvent, Observation } from "#record";
import type { ProcessEvents } from "./agent-facts.ts";

/** How a path was first written by the run. */
interface Write {
  /** It lay there before it was first opened for writing. */
  readonly existed: boolean;
  /** Name of the copy of its old content in the keep folder. */
  readonly kept: string | null;
  /** Why there is no copy of the old content. */
  readonly lost: string | null;
}

/** What the processes said of files, joined over processes. Paths are absolute. */
export interface FileLog {
  readonly reads: ReadonlyMap<string, ReadonlySet<Observation>>;
  readonly writes: ReadonlyMap<string, Write>;
  readonly removed: ReadonlySet<string>;
  /** Source files of imported modules. */
  readonly modules: ReadonlyMap<string, string>;
  readonly maps: ReadonlySet<string>;
}

const LIBRARY = /\.(so(\.[\d.]+)?|dylib|dll|pyd|node)$/;

export function isSharedLibrary(path: string): boolean {
  return LIBRARY.test(path);
}

/** What ipykernel calls a cell in tracebacks: there is no such file, though they look for it. */
const CELL = /[/\\]ipykernel_\d+[/\\]\d+\.py$/;

class Log implements FileLog {
  readonly reads = new Map<string, Set<Observation>>();
  readonly writes = new Map<string, Write>();
  readonly removed = new Set<string>();
  readonly modules = new Map<string, string>();
  readonly maps = new Set<string>();

  read(path: string, how: Observation): void {
    const seen = this.reads.get(path);
    if (seen === undefined) this.reads.set(path, new Set([how]));
    else seen.add(how);
  }

  write(path: string, existed: boolean, kept?: string, lost?: string): void {
    const before = this.writes.get(path);
    // Another process may have opened a file that the first one made: what the run found is said by the copy or by "not there".
    if (before !== undefined && (kept === undefined || before.kept !== null)) {
      if (!existed && before.kept === null) this.writes.set(path, { ...before, existed: false });
      return;
    }
    this.writes.set(path, { existed, kept: kept ?? null, lost: lost ?? null });
  }

  take(event: AgentEvent): void {
    switch (event.e) {
      case "read":
        if (!event.p.endsWith("/") && !CELL.test(event.p)) this.read(event.p, "hook");
        break;
      case "write":
        this.write(event.p, event.existed, event.kept, event.lost);
        // Appending and updating see what was there before.
        if (event.existed && !event.m.startsWith("w") && !event.m.startsWith("x")) this.read(event.p, "hook");
        break;
      case "remove":
        this.removed.add(event.p);
        if (event.kept !== undefined || event.lost !== undefined) this.write(event.p, true, event.kept, event.lost);
        break;
      case "rename":
        this.removed.add(event.p);
        this.write(event.to, event.existed, event.kept, event.lost);
        break;
      case "end":
        for (const [name, file] of event.modules) this.modules.set(file, name);
        for (const path of event.maps) this.maps.add(path);
        break;
      default:
    }
  }
}

/** One log of all processes; `sampled` are mapped paths seen from beside a process that could not say them itself. */
export function fileLog(processes: readonly ProcessEvents[], sampled: Iterable<string>): FileLog {
  const log = new Log();
  for (const { events } of processes) for (const event of events) log.take(event);
  for (const path of sampled) log.maps.add(path);
  for (const path of log.maps) if (!isSharedLibrary(path)) log.read(path, "mapped");
  return log;
}
