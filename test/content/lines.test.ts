import { describe, expect, it } from "vitest";
import { type Comparison, compareBytes, compareText } from "#content";
import { runs } from "./runs.ts";

const compare = (a: string, b: string, interleaved = false): Comparison =>
  compareText(a.split("\n"), b.split("\n"), runs, { interleaved });

describe("redrawn lines", () => {
  const bar = (n: number, time: string, rest = ""): string =>
    `${n}%|${"█".repeat(n / 10)}${" ".repeat(10 - Math.floor(n / 10))}| ${n}/100 [${time}<00:02, 30.1it/s${rest}]`;

  it("compares the last state only", () => {
    expect(
      compare(`${bar(10, "00:01")}\r${bar(100, "00:03")}`, `${bar(40, "00:02")}\r${bar(100, "00:04")}`).agree,
    ).toBe(true);
    expect(compare(`${bar(10, "00:01")}\r${bar(90, "00:03")}`, `${bar(10, "00:01")}\r${bar(100, "00:03")}`).agree).toBe(
      false,
    );
  });

  it("ignores colours and backspaces", () => {
    expect(compare("\u001b[32mloss\u001b[0m 0.3", "loss 0.3")).toMatchObject({ agree: true, how: "content" });
    expect(compare("1/9\b\b\b9/9", "9/9").agree).toBe(true);
    expect(compare("\u001b[32mloss\u001b[0m 0.3", "loss 0.4").agree).toBe(false);
  });

  it("keeps what backspaces do not reach", () => {
    expect(compare("loss 0.91 |\b/\b done", "loss 0.52 |\b/\b done").agree).toBe(false);
    expect(compare("loss 0.91 |\b/\b done", "loss 0.91 -\b done").agree).toBe(true);
    expect(compare("loss 0.91\b\b", "loss 0.52\b\b").agree).toBe(false);
    expect(compare("loss 0.91\r\b\b", "loss 0.52\r\b\b").agree).toBe(false);
    expect(compare("loss 0.91\b\b\b\b2", "loss 0.52\b\b\b\b2").agree).toBe(false);
  });

  it("hides nothing but progress before a carriage return in a file", () => {
    const files = (name: string, a: string, b: string): Comparison =>
      compareBytes(name, Buffer.from(a), Buffer.from(b), runs);
    for (const rest of ["done\n", "\r\n", "          \r\n", "100%|██| 2/2 [00:01<00:00, 2.0it/s]\r\n"])
      expect(files("results.txt", `acc 0.9\r${rest}`, `acc 0.5\r${rest}`).agree).toBe(false);
    expect(files("results.txt", "fold 1\rfold 2\rmean 3\r", "fold 1\rfold 4\rmean 3\r").agree).toBe(false);
    expect(files("results.txt", "acc 0.9\rdone\n", "done\n").agree).toBe(false);
    expect(files("results.json", '{"text": "acc 0.9\\rdone"}', '{"text": "acc 0.5\\rdone"}').agree).toBe(false);
    expect(files("results.csv", "a,b\r1,0.9\r", "a,b\r1,0.5\r").agree).toBe(false);
    const redrawn = `a\n${bar(10, "00:01")}\r${bar(100, "00:03")}\r\nb\n`;
    expect(files("results.txt", redrawn, `a\n${bar(40, "00:02")}\r${bar(100, "00:04")}\r\nb\n`).agree).toBe(true);
    expect(files("results.txt", "x 0.5\r\n", "x 0.5\n")).toMatchObject({ agree: true, how: "content" });
    expect(files("train.log", "step 1\rstep 2\n", "step 2\n").agree).toBe(true);
    expect(files("results.txt", "\u001b[1mstep 1\rstep 2\n", "step 2\n").agree).toBe(true);
  });

  it("takes a bar that other output interrupted for what it is", () => {
    expect(compare(`${bar(10, "00:01")}WARNING: x`, `${bar(20, "00:02")}WARNING: x`).agree).toBe(true);
    expect(compare(`${bar(10, "00:01")}WARNING: x`, `${bar(20, "00:02")}WARNING: y`).agree).toBe(false);
  });

  it("keeps the count of a bar that was closed early", () => {
    expect(compare(`${bar(30, "00:01")}\nend`, `${bar(40, "00:01")}\nend`).agree).toBe(false);
  });

  it("allows a line of progress alone on one side", () => {
    expect(compare(`a\n${bar(30, "00:01")}\nb`, "a\nb").agree).toBe(true);
    expect(compare(`a\n${bar(30, "00:01")}\nb`, "a\nc").agree).toBe(false);
    expect(compare("a\n3/5 ━━━━━━ 1s 5ms/step\nb", "a\nb").agree).toBe(true);
    expect(compare("a\n5/5 ━━━━━━ 1s 5ms/step\nb", "a\nb").agree).toBe(false);
    expect(compare("a\n1/5  0.81\nb", "a\nb").agree).toBe(false);
  });
});

describe("lines and tables", () => {
  it("names the line that only one run has", () => {
    expect(compare("a\nb\nc", "a\nx\nb\nc").difference?.where).toBe("line 2 is only in b");
    expect(compare("a\nb\nc", "a\nc").difference?.where).toBe("line 2 is only in a");
    expect(compare("a", "a\nb").difference?.where).toBe("line 2 is only in b");
  });

  it("masks what stands in brackets behind a duration, of durations too", () => {
    const line = (time: string, mean: string, of = "average"): string => `Generation time: ${time} sec (${mean} ${of})`;
    expect(compare(line("0.031", "0.032"), line("0.047", "0.039"))).toMatchObject({ agree: true, how: "masked" });
    expect(compare(line("0.031", "0.032", "loss"), line("0.031", "0.039", "loss")).agree).toBe(false);
    expect(compare("loss: 0.031 (0.032 average)", "loss: 0.031 (0.039 average)").agree).toBe(false);
    expect(compare(line("0.031", "32.0"), line("0.031", "900000.0")).agree).toBe(false);
  });

  it("knows where another table of as many columns begins", () => {
    const tables = (size: string): string => `model acc time\nnet 0.9 3\n\nmodel acc size\nnet 0.8 ${size}`;
    expect(compare(tables("5"), tables("6")).agree).toBe(false);
    const rows = (time: string): string =>
      `model acc time\n----- --- ----\nnet nan ${time}\nsvm nan nan\nnet 0.8 ${time}`;
    expect(compare(rows("5"), rows("6")).agree).toBe(true);
  });

  it("masks a column of time without unit under its header", () => {
    const table = (time: string, loss: string): string =>
      `epoch loss dur\n----- ---- ---\n1 ${loss} ${time}\n2 0.3 1.5`;
    expect(compare(table("1.21", "0.5"), table("1.34", "0.5")).agree).toBe(true);
    expect(compare(table("1.21", "0.5"), table("1.21", "0.6")).agree).toBe(false);
  });

  it("takes padding for benign beside something masked, and only there", () => {
    expect(compare("took  9.9s | x", "took 10.1s | x").agree).toBe(true);
    expect(compare("[ 9.9s] x", "[10.1s] x").agree).toBe(true);
    expect(compare("| fps | 99 |\n| ep  | 1  |\n------", "| fps | 101 |\n| ep  | 1   |\n-------").agree).toBe(true);
    expect(compare("| ep  | 1  |", "| ep  | 1   |").agree).toBe(false);
    expect(compare("| fps | 99 |\n| ep  | 1  |", "| fps | 101 |\n| ep  | 2   |").agree).toBe(false);
  });

  it("keeps the order of each writer when lines interleave", () => {
    const a = "[rank0] step 1\n[rank1] step 1\n[rank0] step 2\n[rank1] step 2";
    const b = "[rank0] step 1\n[rank0] step 2\n[rank1] step 1\n[rank1] step 2";
    const c = "[rank0] step 2\n[rank0] step 1\n[rank1] step 1\n[rank1] step 2";
    expect(compare(a, b).agree).toBe(false);
    expect(compare(a, b, true)).toMatchObject({ agree: true, aside: ["order of lines from several writers"] });
    expect(compare(a, c, true).agree).toBe(false);
    expect(compare(a, `${b}\n[rank0] step 3`, true).agree).toBe(false);
    expect(compare(a, b.replace("step 2", "step 7"), true).agree).toBe(false);
  });

  it("leaves a folder that only one run owns alone when the text is the same", () => {
    expect(compare("/tmp/run-a/data took 1s", "/tmp/run-a/data took 2s").agree).toBe(true);
  });
});
