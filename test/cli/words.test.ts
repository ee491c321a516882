import { describe, expect, test } from "vitest";
import { nearest } from "../../src/cli/nearest.ts";
import { wantsAscii, wantsColor } from "../../src/cli/output.ts";
import { toAscii } from "../../src/cli/render/ascii.ts";
import { guarded, safe, safeLines } from "../../src/cli/render/escape.ts";
import { cut, displayWidth } from "../../src/cli/render/width.ts";
import { ago, brief, bytes, duration, listed, shellLine, shortId } from "../../src/cli/render/words.ts";

describe("U escape", () => {
  test("nothing that a terminal would obey gets through", () => {
    expect(safe("a\u001b[31mred\u001b]8;;http://x\u0007b\u009b0m")).toBe("a\\x1b[31mred\\x1b]8;;http://x\\x07b\\x9b0m");
    expect(safe("one\ntwo\rthree\tfour\u0000")).toBe("one\\ntwo\\rthree\\tfour\\x00");
    expect(safe("abc\u202egnp.exe\u200b\u2028x")).toBe("abc\\u202egnp.exe\\u200b\\u2028x");
    expect(safe("日本 ünï ✓ 🙂")).toBe("日本 ünï ✓ 🙂");
  });

  test("every control character is spelled out", () => {
    const all = Array.from({ length: 0xa0 }, (_, code) => String.fromCharCode(code)).join("");
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    expect(safe(all)).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
  });

  test("of whole texts only our own sequences pass", () => {
    expect(guarded("\u001b[31mred\u001b[39m\r\u001b[K\n")).toBe("\u001b[31mred\u001b[39m\r\u001b[K\n");
    expect(guarded("\u001b]0;x\u0007\u001b[2J\u009b1A")).toBe("\\x1b]0;x\\x07\\x1b[2J\\x9b1A");
  });

  test("of a redrawn line the last state is shown; line ends and tabs stay", () => {
    expect(safeLines("10%\r50%\r100%\r\nnext\tcell\n")).toBe("100%\nnext\tcell\n");
  });
});

describe("U width", () => {
  test("wide characters take two columns, combining ones none", () => {
    expect([displayWidth("abc"), displayWidth("日本"), displayWidth("e\u0301")]).toEqual([3, 4, 1]);
  });

  test("a text is cut to the columns there are, and says so", () => {
    expect(cut("python train.py", 8)).toBe("python …");
    expect(cut("日本語", 4)).toBe("日…");
    expect(cut("short", Number.POSITIVE_INFINITY)).toBe("short");
  });
});

describe("U words", () => {
  test("numbers are as long as they need to be", () => {
    expect([0.123, 1.26, 45.2, 150, 9000].map(duration)).toEqual([
      "0.12 s",
      "1.3 s",
      "45 s",
      "2 min 30 s",
      "2 h 30 min",
    ]);
    expect([12, 1234, 999_600, 25_300_000].map(bytes)).toEqual(["12 B", "1.2 kB", "1.0 MB", "25 MB"]);
    expect([0.30216, 12, 1e-9, Number.NaN].map(brief)).toEqual(["0.3022", "12", "1e-9", "NaN"]);
    expect(duration(59.6 + 60)).toBe("2 min 0 s");
  });

  test("times are said from now, old ones by date", () => {
    const now = Date.parse("2026-11-21T12:00:00Z");
    expect(
      ["2026-11-21T11:59:30Z", "2026-11-21T09:00:00Z", "2026-01-02T00:00:00Z"].map((iso) => ago(iso, now)),
    ).toEqual(["just now", "3 h ago", "2026-01-02"]);
  });

  test("a command can be pasted into a shell, a list be read aloud, an id be told apart", () => {
    expect(shellLine(["python", "-c", "print('x y')"])).toBe(`python -c 'print('\\''x y'\\'')'`);
    expect([listed([]), listed(["a"]), listed(["a", "b", "c"])]).toEqual(["", "a", "a, b and c"]);
    expect(shortId("01a1fcd1-64b8-70e1-98b2-71f6df57036d")).toBe("df57036d");
  });

  test("a mistyped word finds the one that was meant, a strange one none", () => {
    const verbs = ["run", "verify", "replay", "ls", "show"];
    expect(["veriyf", "rn", "replya", "xyzzy", "ver", "sl"].map((word) => nearest(word, verbs))).toEqual([
      "verify",
      "run",
      "replay",
      undefined,
      "verify",
      "ls",
    ]);
  });
});

describe("U output", () => {
  test("FORCE_COLOR, NO_COLOR and TERM=dumb are obeyed", () => {
    expect(wantsColor({}, true)).toBe(true);
    expect(wantsColor({}, false)).toBe(false);
    expect(wantsColor({ NO_COLOR: "1" }, true)).toBe(false);
    expect(wantsColor({ NO_COLOR: "" }, true)).toBe(true);
    expect(wantsColor({ FORCE_COLOR: "1", NO_COLOR: "1" }, false)).toBe(true);
    expect(wantsColor({ FORCE_COLOR: "0" }, true)).toBe(false);
    expect(wantsColor({ TERM: "dumb" }, true)).toBe(false);
    expect(wantsColor({ CI: "true" }, false)).toBe(false);
  });

  test("symbols fall back to ASCII where the locale has no others", () => {
    expect(
      [{ LANG: "C" }, { LANG: "POSIX" }, { LANG: "de_DE.ISO-8859-1" }, { LC_ALL: "C", LANG: "en_US.UTF-8" }].map(
        wantsAscii,
      ),
    ).toEqual([true, true, true, true]);
    expect([{}, { LANG: "C.UTF-8" }, { LANG: "en_US.utf8" }, { LANG: "de_DE" }].map(wantsAscii)).toEqual([
      false,
      false,
      false,
      false,
    ]);
    expect(toAscii("✓ reproduced — a → b · 3× …")).toBe("+ reproduced - a -> b | 3x ...");
  });
});
