import { closeSync, openSync, readFileSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import type { Writable } from "node:stream";
import { agentRoot } from "./agent-environment.ts";
import type { Channels } from "./channel.ts";
import type { LaunchOptions } from "./options.ts";
import { findPython } from "./program.ts";

type Stdio = "inherit" | "ignore" | "pipe" | number;

/** How the child is started: itself, or below a host that gives it a terminal. */
export interface Command {
  readonly file: string;
  readonly argv0: string;
  readonly args: readonly string[];
  readonly stdio: [Stdio, Stdio, Stdio];
  /** In a session and group of its own. */
  readonly leads: boolean;
  readonly host: boolean;
  /** Streams that the host itself copies to our own, so that no other work of this process delays them. */
  readonly copied: { readonly stdout: boolean; readonly stderr: boolean };
  /** How the child ended, when the exit of the started process does not say it. */
  readonly outcome: () => Outcome | undefined;
  /** After the start: closes what was opened for it. */
  release(): void;
}

export type Outcome =
  | { readonly code: number | null; readonly signal: NodeJS.Signals | null }
  | { readonly errno: string; readonly message: string };

export const wantsTerminal = ({ terminal }: LaunchOptions): boolean =>
  [terminal.stdin, terminal.stdout, terminal.stderr].includes("tty");

function openStdin(stdin: LaunchOptions["stdin"]): { stdio: Stdio; close: () => void } {
  if (stdin === undefined || stdin === "inherit") return { stdio: "inherit", close: () => {} };
  if (stdin === "null") return { stdio: "ignore", close: () => {} };
  if (!("file" in stdin)) return { stdio: "pipe", close: () => {} };
  const fd = openSync(stdin.file, "r");
  return { stdio: fd, close: () => closeSync(fd) };
}

/** The command itself, its output into pipes. */
export function directCommand(options: LaunchOptions, program: string, channels: Channels | null): Command {
  const stdin = openStdin(options.stdin);
  return {
    file: program,
    argv0: options.argv[0] ?? program,
    args: options.argv.slice(1),
    stdio: [stdin.stdio, channels?.stdout.writer ?? "pipe", channels?.stderr.writer ?? "pipe"],
    leads: true,
    host: false,
    copied: { stdout: false, stderr: false },
    outcome: () => undefined,
    release: () => {
      stdin.close();
      channels?.stdout.closeWriter();
      channels?.stderr.closeWriter();
    },
  };
}

/** The command below agent/python's terminal host; undefined where there is no Python to run it. */
export function hostedCommand(options: LaunchOptions, program: string, channels: Channels): Command | undefined {
  const python = findPython(program, options.env, options.cwd);
  if (python === undefined) return undefined;
  const { terminal, tee } = options;
  const kind = (stream: "stdin" | "stdout" | "stderr"): string => (terminal[stream] === "tty" ? "tty" : "inherit");
  const own = terminal.stdin === "tty" && (options.stdin ?? "inherit") === "inherit";
  // The host copies for both streams or for none.
  const copies = tee !== undefined && isOwn(tee.stdout, 1, terminal.stdout) && isOwn(tee.stderr, 2, terminal.stderr);
  const output = (stream: "stdout" | "stderr"): Stdio => {
    if (terminal[stream] !== "tty") return channels[stream].writer;
    return copies ? "inherit" : "ignore";
  };
  const status = join(channels.folder, "status");
  const flags = Object.entries({
    stdin: kind("stdin"),
    stdout: kind("stdout"),
    stderr: kind("stderr"),
    size: `${terminal.columns ?? 80}x${terminal.rows ?? 24}`,
    tee: copies ? "1" : "0",
    "log-stdout": channels.stdout.path,
    "log-stderr": channels.stderr.path,
    status,
  }).flatMap(([name, value]) => [`--${name}`, value]);
  const stdin = openStdin(options.stdin);
  return {
    file: python,
    argv0: python,
    args: [
      "-I",
      "-S",
      join(agentRoot(), "python", "src", "reprise_agent", "ptyhost.py"),
      ...flags,
      "--",
      ...options.argv,
    ],
    stdio: [stdin.stdio, output("stdout"), output("stderr")],
    // To put a terminal that is our standard input into raw mode the host must be in its foreground group, ours.
    leads: !own,
    host: true,
    copied: { stdout: copies && terminal.stdout === "tty", stderr: copies && terminal.stderr === "tty" },
    outcome: () => readOutcome(status, options.argv[0] ?? ""),
    release: stdin.close,
  };
}

/** The tee is our own stream of that number (or that stream is no terminal, and not the host's business). */
function isOwn(tee: Writable | undefined, fd: number, kind: string): boolean {
  return kind !== "tty" || (tee !== undefined && (tee as Writable & { fd?: unknown }).fd === fd);
}

function readOutcome(path: string, name: string): Outcome | undefined {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
  const [word, value] = text.trim().split(/\s+/);
  const number = Number(value);
  if (word === "exit") return { code: number, signal: null };
  if (word === "signal") return { code: null, signal: nameOf(constants.signals, number) as NodeJS.Signals };
  if (word !== "notfound") return undefined;
  const errno = Number.isNaN(number) ? (value ?? "ENOENT") : nameOf(constants.errno, number);
  return { errno, message: `${name}: could not be started (${errno})` };
}

function nameOf(table: Readonly<Record<string, number>>, number: number): string {
  return Object.keys(table).find((name) => table[name] === number) ?? String(number);
}
