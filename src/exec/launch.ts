import { type ChildProcess, spawn } from "node:child_process";
import { statSync } from "node:fs";
import { Readable } from "node:stream";
import { digestOf, type RunStatus } from "#record";
import { type Channels, openChannels } from "./channel.ts";
import { type Command, directCommand, hostedCommand, type Outcome, wantsTerminal } from "./command.ts";
import { EventTail } from "./event/tail.ts";
import { endFamily } from "./group.ts";
import { Guard } from "./guard.ts";
import { MapSampler } from "./maps.ts";
import type { LaunchOptions, LaunchResult, StreamResult } from "./options.ts";
import { findProgram, type NotStarted, type Program } from "./program.ts";
import { SignalPass } from "./signals.ts";
import { Stopper } from "./stopper.ts";
import { drain } from "./stream/drain.ts";
import { StreamSink } from "./stream/stream.ts";

type Warnings = { code: string; message: string }[];

const GRACE_SECONDS = 10;
const NOTHING: StreamResult = { bytes: 0, digest: digestOf("") };

/** Runs a command to its end and says how it went. One that fails or is not found is a result, not an exception. */
export async function launch(options: LaunchOptions): Promise<LaunchResult> {
  const program = programOf(options);
  const warnings: Warnings = [];
  if ("errno" in program) return notStarted(program, Date.now(), null, warnings);
  const channels = await channelsOf(warnings);
  try {
    return await runIn(options, program.path, channels, warnings);
  } finally {
    channels?.unlink();
  }
}

function programOf({ argv, env, cwd }: LaunchOptions): Program | NotStarted {
  try {
    if (!statSync(cwd).isDirectory()) return { errno: "ENOTDIR", message: `${cwd}: not a folder to run in` };
  } catch (error) {
    return { errno: (error as NodeJS.ErrnoException).code ?? "ENOENT", message: `${cwd}: no folder to run in` };
  }
  return findProgram(argv[0] ?? "", env, cwd);
}

async function channelsOf(warnings: Warnings): Promise<Channels | null> {
  try {
    return await openChannels();
  } catch (error) {
    const why = (error as Error).message;
    warnings.push({
      code: "no-pipes",
      message: `The command wrote to sockets: no pipes could be named here (${why}).`,
    });
    return null;
  }
}

function commandOf(options: LaunchOptions, program: string, channels: Channels | null, warnings: Warnings): Command {
  if (!wantsTerminal(options)) return directCommand(options, program, channels);
  const hosted = channels === null ? undefined : hostedCommand(options, program, channels);
  if (hosted !== undefined) return hosted;
  const message = "The command had pipes instead of a terminal: no python3 was found that could host one.";
  warnings.push({ code: "no-terminal", message });
  return directCommand(options, program, channels);
}

async function runIn(
  options: LaunchOptions,
  program: string,
  channels: Channels | null,
  warnings: Warnings,
): Promise<LaunchResult> {
  const command = commandOf(options, program, channels, warnings);
  const signals = new SignalPass({
    leads: command.leads,
    host: command.host,
    graceMs: (options.graceSeconds ?? GRACE_SECONDS) * 1000,
    ignored: options.ignoredSignals ?? [],
  });
  const startedAt = Date.now();
  const from = performance.now();
  const child = start(command, options);
  // While the writers are open here: a pipe without any could not be opened for reading.
  const guard = channels === null ? null : new Guard(channels, { tee: options.tee, copied: command.copied });
  command.release();
  if (!command.host) channels?.unlink(); // nobody else opens them: a sudden end of ours leaves nothing behind
  if ("errno" in child) {
    guard?.dismiss();
    signals.detach();
    return notStarted(child, startedAt, program, warnings);
  }
  const pid = child.pid;
  const exited = exitOf(child);
  if (options.stdin instanceof Readable && child.stdin !== null) feed(options.stdin, child.stdin);
  const sinks = sinksOf(options, command, channels ?? readersOf(child), () => guard?.dismiss());
  const follows = options.eventsDir !== undefined && options.onEvent !== undefined;
  const tail = follows ? new EventTail(options.eventsDir, options.onEvent) : undefined;
  const maps = pid === undefined ? undefined : new MapSampler(pid, command.host);
  const stopper = pid === undefined ? undefined : new Stopper(options, pid, command.host);
  if (pid !== undefined) signals.attach(pid);

  const exit = await exited;
  const seconds = (performance.now() - from) / 1000;
  const endedAt = Date.now();
  stopper?.detach();
  signals.detach();
  channels?.stdout.closeWriter();
  channels?.stderr.closeWriter();
  const stopped = stopper?.why;
  if (pid !== undefined && (stopped !== undefined || signals.passed.some((signal) => signal !== "SIGHUP"))) {
    const seen = [...signals.members, ...(stopper?.members ?? [])];
    await endFamily(pid, { seen, patienceMs: 500, graceMs: 2000 });
  }
  const { logs, leftBehind } = await drain(sinks);
  guard?.dismiss();
  tail?.stop();
  if (leftBehind) {
    const message = "The command ended but left processes behind that still write; what they wrote later is not saved.";
    warnings.push({ code: "left-behind", message });
  }
  const outcome = command.outcome() ?? exit;
  if ("errno" in outcome) return notStarted(outcome, startedAt, program, warnings);
  const interrupted = signals.interrupted(outcome, endedAt) || (stopped === undefined && byKeyboard(options, outcome));
  return {
    status: statusOf(outcome, interrupted),
    exitCode: outcome.code,
    signal: outcome.signal,
    ...(stopped === undefined ? {} : { stopped }),
    startedAt,
    endedAt,
    seconds,
    pid: pid ?? null,
    executable: program,
    stdout: logs[0] ?? NOTHING,
    stderr: logs[1] ?? NOTHING,
    maps: maps?.stop() ?? [],
    warnings,
  };
}

function start(command: Command, options: LaunchOptions): ChildProcess | NotStarted {
  try {
    return spawn(command.file, command.args, {
      argv0: command.argv0,
      cwd: options.cwd,
      env: options.env,
      stdio: command.stdio,
      detached: command.leads,
    });
  } catch (error) {
    return failure(error as NodeJS.ErrnoException); // such as an argument list that is too long
  }
}

const failure = (error: NodeJS.ErrnoException): NotStarted => ({
  errno: error.code ?? "EINVAL",
  message: error.message,
});

function exitOf(child: ChildProcess): Promise<Outcome> {
  return new Promise((resolve) => {
    child.once("error", (error) => resolve(failure(error)));
    child.once("exit", (code, signal) => resolve({ code, signal }));
  });
}

/** A child that reads no further is no error of ours. */
function feed(from: Readable, to: NodeJS.WritableStream): void {
  to.on("error", () => from.unpipe(to));
  from.pipe(to);
}

function readersOf(child: ChildProcess): { stdout: { reader: Readable }; stderr: { reader: Readable } } {
  const { stdout, stderr } = child;
  if (stdout === null || stderr === null) throw new TypeError("a child without pipes");
  return { stdout: { reader: stdout }, stderr: { reader: stderr } };
}

function sinksOf(
  { tee, filter, logs, onLine }: LaunchOptions,
  { copied }: Command,
  from: { stdout: { reader: Readable }; stderr: { reader: Readable } },
  onClose: () => void,
): StreamSink[] {
  return (["stdout", "stderr"] as const).map((name) => {
    return new StreamSink(from[name].reader, {
      log: logs[name],
      tee: copied[name] ? undefined : tee?.[name],
      filter,
      onClose,
      onLine: onLine === undefined ? undefined : (line) => onLine(name, line),
    });
  });
}

/** Below a terminal Ctrl-C is a character that never reaches us: only the end of the child tells of it. */
function byKeyboard(options: LaunchOptions, { code, signal }: { code: number | null; signal: string | null }): boolean {
  return options.terminal.stdin === "tty" && (signal === "SIGINT" || code === 130);
}

function statusOf({ code, signal }: { code: number | null; signal: string | null }, interrupted: boolean): RunStatus {
  if (interrupted) return "interrupted";
  if (signal !== null) return "killed";
  return code === 0 ? "completed" : "failed";
}

function notStarted(why: NotStarted, startedAt: number, executable: string | null, warnings: Warnings): LaunchResult {
  const { errno, message } = why;
  return {
    status: "not-started",
    exitCode: null,
    signal: null,
    startedAt,
    endedAt: Date.now(),
    seconds: 0,
    pid: null,
    executable,
    stdout: NOTHING,
    stderr: NOTHING,
    notStarted: { errno, message },
    maps: [],
    warnings,
  };
}
