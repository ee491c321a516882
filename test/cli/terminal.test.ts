import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Sealed, seal } from "./sealed.ts";

let place: Sealed;
beforeEach(() => {
  place = seal({ "train.py": 'import sys\nprint("loss=0.5", sys.stdout.isatty())\n' });
});
afterEach(() => place.remove());

/** What a terminal of that width would show. */
function onTerminal(line: string, columns: number, env: Readonly<Record<string, string>> = {}): string {
  const program = `import os, pty, sys, fcntl, termios, struct
pid, fd = pty.fork()
if pid == 0:
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 40, ${columns}, 0, 0))
    os.execvp("sh", ["sh", "-c", sys.argv[1]])
out = b""
while True:
    try:
        piece = os.read(fd, 65536)
    except OSError:
        break
    if not piece:
        break
    out += piece
os.waitpid(pid, 0)
sys.stdout.buffer.write(out)
`;
  place.put({ "../terminal.py": program });
  return place
    .shell(`python3 ../terminal.py "${line}"`, { TERM: "xterm-256color", ...env })
    .out.replaceAll("\r\n", "\n");
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: colours are taken away
const bare = (text: string): string => text.replace(/\u001b\[[\d;?]*[A-Za-z]/g, "");

describe("E on a terminal", () => {
  test("the program keeps its terminal, and our lines fit 80 columns", () => {
    const shown = bare(onTerminal("reprise run -- python3 train.py", 80));
    expect(shown).toContain("loss=0.5 True");
    const ours = shown.split("\n").filter((text) => text.startsWith("reprise:"));
    expect(ours).toHaveLength(2);
    for (const text of ours) expect(text.length).toBeLessThanOrEqual(80);
  });

  test("tables are cut to the width there is, and whole in a pipe", () => {
    const long = "x".repeat(120);
    place.shell(`reprise run -q -- python3 -c "pass" ${long}`);
    for (const columns of [60, 80, 200]) {
      const lines = bare(onTerminal("reprise ls", columns)).trimEnd().split("\n");
      expect(lines).toHaveLength(2);
      for (const text of lines) expect(text.length).toBeLessThanOrEqual(columns);
    }
    expect(bare(onTerminal("reprise ls", 200))).toContain(long);
    expect(place.shell("reprise ls").out).toContain(long);
  });

  test("pages are broken between words, not cut", () => {
    place.shell(`reprise run -q -- python3 -c "pass" ${Array.from({ length: 40 }, (_, i) => `word${i}`).join(" ")}`);
    const lines = bare(onTerminal("reprise show", 60)).split("\n");
    expect(lines.join(" ")).toContain("word39");
    for (const text of lines.filter((item) => item.includes("word"))) expect(text.length).toBeLessThanOrEqual(60);
  });

  test("colours are there on a terminal, and not under NO_COLOR, TERM=dumb or in a pipe", () => {
    place.shell("reprise run -q -- python3 train.py");
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are looked for
    const colour = /\u001b\[\d+m/;
    expect(onTerminal("reprise ls", 80)).toMatch(colour);
    expect(onTerminal("reprise ls", 80, { NO_COLOR: "1" })).not.toMatch(colour);
    expect(onTerminal("reprise ls", 80, { TERM: "dumb" })).not.toMatch(colour);
    expect(place.shell("reprise ls").out).not.toMatch(colour);
    expect(place.shell("reprise ls", { FORCE_COLOR: "1" }).out).toMatch(colour);
  });

  test("progress is one line, drawn again and taken away; the verdict comes after it", () => {
    place.shell("reprise run -q --seed 1 -- python3 train.py");
    const shown = onTerminal("reprise verify", 80);
    expect(bare(shown)).toContain("\rreprise: replaying under varied conditions …");
    expect(bare(shown.split("\r").at(-1) ?? "")).toMatch(/^✓ reproduced/);
  });

  test("recorded output is harmless on a terminal and unchanged in a pipe", () => {
    place.shell("reprise run -q -- printf 'a\\033]0;owned\\007b\\n'");
    expect(onTerminal("reprise show --stdout", 80)).toBe("a\\x1b]0;owned\\x07b\n");
    expect(place.shell("reprise show --stdout").out).toBe("a\u001b]0;owned\u0007b\n");
  });

  test("ASCII is all that is written where the locale is C", () => {
    place.shell("reprise run -q --seed 1 -- python3 train.py; reprise verify -q");
    for (const line of ["reprise ls", "reprise show", "reprise verify -q", "reprise run -- true"]) {
      const { out, err } = place.shell(line, { LANG: "C", LC_ALL: "C" });
      // biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII is meant
      expect(out + err).toMatch(/^[\u0000-\u007f]*$/);
    }
  });
});
