import { describe, expect, test } from "vitest";
import { createRedactor } from "#capture";
import { INNOCENT, PLANTED, PRIVATE_KEY, PRIVATE_KEY_BODY } from "./planted.ts";

const plain = () => createRedactor({ env: {} });

describe("secrets", () => {
  test.each(PLANTED)("$kind", ({ line, secret }) => {
    const { text, count } = plain().redactText(line);
    expect(text).not.toContain(secret);
    expect(text).toMatch(/<redacted:[a-z0-9-]+:\d+>/);
    expect(count).toBeGreaterThan(0);
  });

  test.each(PLANTED)("$kind in a diff and in code", ({ line, secret }) => {
    const redactor = plain();
    const diff = `diff --git a/x.txt b/x.txt\n--- a/x.txt\n+++ b/x.txt\n@@ -1,2 +1,2 @@\n a\n+${line}\n`;
    expect(Buffer.from(redactor.redactDiff(Buffer.from(diff)).bytes).toString()).not.toContain(secret);
  });

  test("what is around a secret stays", () => {
    expect(plain().redactText('{"lr": 0.1, "token": "zq81-json", "seed": 3}').text).toBe(
      '{"lr": 0.1, "token": "<redacted:token:1>", "seed": 3}',
    );
    expect(plain().redactText("postgresql://bob:s3cr3t@db/x?y=1").text).toBe(
      "postgresql://bob:<redacted:url-password:1>@db/x?y=1",
    );
  });

  test("the same secret bears the same number in every place, and redacting twice changes nothing", () => {
    const redactor = plain();
    const first = redactor.redactText("password: zq81secret\ntoken: zq82secret\n").text;
    expect(redactor.redactArgv(["x", "--password", "zq81secret"]).argv).toEqual([
      "x",
      "--password",
      "<redacted:password:1>",
    ]);
    expect(first).toBe("password: <redacted:password:1>\ntoken: <redacted:token:2>\n");
    expect(redactor.redactText(first)).toEqual({ text: first, count: 0 });
  });

  test("values of secret variables are found wherever they stand", () => {
    const env = {
      MY_API_KEY: "kiwi-banana-7",
      DB_PASS: "päss/w0rd",
      PATH: "/usr/bin",
      SHORT_TOKEN: "abc",
      USE_TOKEN: "true",
      AUTH_SOCK: "/tmp/sock",
    };
    const redactor = createRedactor({ env });
    const text = "a kiwi-banana-7 b päss/w0rd c p%C3%A4ss%2Fw0rd abc true /tmp/sock /usr/bin";
    expect(redactor.redactText(text).text).toBe(
      "a <redacted:environment:1> b <redacted:environment:2> c <redacted:environment:3> abc true /tmp/sock /usr/bin",
    );
  });

  test("a short secret word is not cut out of longer words", () => {
    const redactor = createRedactor({ env: { MY_PASSWORD: "banana1" } });
    expect(redactor.redactText("banana12 xbanana1 banana1.").text).toBe("banana12 xbanana1 <redacted:environment:1>.");
  });

  test("private keys go line by line, in files, diffs and strings", () => {
    const redactor = plain();
    const { text, count } = redactor.redactText(`a\n${PRIVATE_KEY}b\n`);
    expect(text).toBe(
      `a\n-----BEGIN RSA PRIVATE KEY-----\n${"<redacted:private-key:1>\n".repeat(3)}-----END RSA PRIVATE KEY-----\nb\n`,
    );
    expect(count).toBe(1);
    const added = PRIVATE_KEY.replace(/^(?=.)/gm, "+");
    const diff = `diff --git a/k b/k\nnew file mode 100644\n--- /dev/null\n+++ b/k\n@@ -0,0 +1,5 @@\n${added}`;
    const result = Buffer.from(redactor.redactDiff(Buffer.from(diff)).bytes).toString();
    expect(result).not.toContain(PRIVATE_KEY_BODY.slice(5));
    expect(result.split("\n")).toHaveLength(diff.split("\n").length);
    expect(result).toContain("\n+<redacted:private-key:");
    const json = JSON.stringify({ private_key: PRIVATE_KEY });
    expect(redactor.redactText(json).text).not.toContain(PRIVATE_KEY_BODY);
  });

  test("arguments, alone and in pairs", () => {
    const argv = [
      "python",
      "train.py",
      "--api-key",
      "zq81",
      "--password=x1y2",
      "db.token=zq82",
      "--lr",
      "0.1",
      "--max-tokens",
      "128",
      "--token",
      "5",
    ];
    expect(plain().redactArgv(argv)).toEqual({
      argv: [
        "python",
        "train.py",
        "--api-key",
        "<redacted:key:1>",
        "--password=<redacted:password:2>",
        "db.token=<redacted:token:3>",
        "--lr",
        "0.1",
        "--max-tokens",
        "128",
        "--token",
        "5",
      ],
      count: 3,
    });
  });

  test("bytes that are not UTF-8 stay as they are around a secret", () => {
    const line = Buffer.concat([
      Buffer.from([0xff, 0xfe, 0x00]),
      Buffer.from(" token: zq81secret "),
      Buffer.from([0xc3, 0x28]),
    ]);
    const { bytes } = plain().redactBytes(line);
    expect(Buffer.from(bytes).toString("latin1")).toBe(
      line.toString("latin1").replace("zq81secret", "<redacted:token:1>"),
    );
  });
});

describe("no secrets", () => {
  test.each(INNOCENT)("%s", (line) => {
    for (const kind of ["text", "code"] as const)
      expect(plain().redactText(`${line}\n`, kind)).toEqual({ text: `${line}\n`, count: 0 });
    // A whole expression is nothing that anyone would type as an argument.
    if (!/[([]| and --/.test(line)) expect(plain().redactArgv(line.split(" ")).argv).toEqual(line.split(" "));
  });

  test("in code a bare word is a name and not a value", () => {
    const code = "password = default_password1\ntoken=tok1\nself.secret = secret2\nlogin(password=pw1, api_key=key1)\n";
    expect(plain().redactText(code, "code").count).toBe(0);
  });

  test("noise is left alone", () => {
    let state = 1;
    const noise = Uint8Array.from({ length: 2_000_000 }, () => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      return state >>> 24;
    });
    expect(plain().redactBytes(noise, "binary").count).toBe(0);
  });
});

describe("a stream", () => {
  const through = (text: string, cut: (rest: number) => number): { text: string; count: number } => {
    const stream = plain().createStream();
    const bytes = Buffer.from(text);
    const out: Uint8Array[] = [];
    for (let at = 0; at < bytes.length; ) {
      const next = at + Math.max(1, cut(bytes.length - at));
      out.push(Buffer.from(stream.push(bytes.subarray(at, next))));
      at = next;
    }
    out.push(stream.flush());
    return { text: Buffer.concat(out).toString(), count: stream.count };
  };

  test("gives the same in chunks of any size", () => {
    const text = [...PLANTED.map(({ line }) => line), PRIVATE_KEY, ...INNOCENT, "no newline at the end"].join("\n");
    const whole = plain().redactText(text);
    for (const size of [1, 2, 3, 7, 64, 1000, 1e9]) {
      expect(through(text, () => size)).toEqual(whole);
    }
  });

  test("loses no byte, whatever comes", () => {
    const stream = plain().createStream();
    const chunks = Array.from({ length: 40 }, (_, i) => Buffer.alloc(10_000, i % 7 === 0 ? "line\n" : `x${i}`));
    const out = chunks.map((chunk) => Buffer.from(stream.push(chunk)));
    expect(Buffer.concat([...out, stream.flush()]).equals(Buffer.concat(chunks))).toBe(true);
  });

  test("a secret on a line without end is found across the cut", () => {
    const secret = `ghp_${"a1B2".repeat(9)}`;
    for (const before of [57_300, 57_340, 57_344, 57_350, 65_500, 65_536, 65_540, 130_000]) {
      const text = `${"x ".repeat(before / 2)}token=${secret} ${"y ".repeat(40_000)}`;
      const result = through(text, () => 4096).text;
      expect(result).not.toContain("a1B2a1B2");
      expect(result.replace(/<redacted:[a-z-]+:1>/, secret)).toBe(text);
    }
  });

  test("a private key that never ends does not hold the stream back for good", () => {
    const lines = `-----BEGIN PRIVATE KEY-----\n${"QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo=\n".repeat(8000)}`;
    const stream = plain().createStream();
    let out = 0;
    for (let at = 0; at < lines.length; at += 4096) out += stream.push(Buffer.from(lines.slice(at, at + 4096))).length;
    expect(out).toBeGreaterThan(100_000);
  });
});
