import { fstatSync, readlinkSync, statSync } from "node:fs";
import { isatty, WriteStream } from "node:tty";
import type { StreamKind, TerminalFacts } from "#record";

function kindOf(fd: number): StreamKind {
  if (isatty(fd)) return "tty";
  try {
    const stat = fstatSync(fd);
    if (stat.isFile()) return "file";
    if (stat.isCharacterDevice()) return stat.rdev === statSync("/dev/null").rdev ? "null" : "file";
    return "pipe";
  } catch {
    return "null"; // closed
  }
}

/** Where standard input comes from when that is a file with a name; a here-document has lost its own. */
function stdinFile(): { stdinFile?: string } {
  try {
    const path = readlinkSync("/proc/self/fd/0");
    const [open, named] = [fstatSync(0), statSync(path)];
    return open.isFile() && open.ino === named.ino && open.dev === named.dev ? { stdinFile: path } : {};
  } catch {
    return {};
  }
}

/** What this process has as its standard streams, and the size of the terminal among them. */
export function detectTerminal(): TerminalFacts {
  const streams = { stdin: kindOf(0), stdout: kindOf(1), stderr: kindOf(2) };
  const kinds: TerminalFacts = { ...streams, ...stdinFile() };
  const fd = [kinds.stdout, kinds.stderr, kinds.stdin].indexOf("tty");
  if (fd < 0) return kinds;
  const size = sizeOf([1, 2, 0][fd] ?? 0);
  return size === undefined ? kinds : { ...kinds, columns: size[0], rows: size[1] };
}

function sizeOf(fd: number): [number, number] | undefined {
  try {
    const stream = new WriteStream(fd);
    const size = stream.getWindowSize();
    return size[0] > 0 && size[1] > 0 ? size : undefined;
  } catch {
    return undefined;
  }
}
