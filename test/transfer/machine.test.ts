import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { digestOf, type RunRecord, type VerifyDocument } from "#record";
import { seal } from "../cli/sealed.ts";

test("a verdict over a run of another machine speaks of the machine that it was shown on, and names the other", () => {
  const here = seal({ "train.py": "print('loss=1')\n" });
  try {
    here.shell("reprise run -q --name mine -- python3 train.py && reprise pack -q --output p.tar && mkdir laid");
    const laid = join(here.project, "laid");
    execFileSync("tar", ["xf", join(here.project, "p.tar"), "-C", laid]);
    const names = execFileSync("tar", ["tf", join(here.project, "p.tar")], { encoding: "utf8" })
      .trim()
      .split("\n");
    const record = JSON.parse(readFileSync(join(laid, "record.json"), "utf8")) as RunRecord;
    const hardware = { ...record.hardware, cpu: { ...record.hardware.cpu, model: "another processor" } };
    const text = JSON.stringify({ ...record, hardware });
    writeFileSync(join(laid, "record.json"), text);
    const manifest = JSON.parse(readFileSync(join(laid, "manifest.json"), "utf8")) as object;
    const changed = { ...manifest, record: { digest: digestOf(text), bytes: Buffer.byteLength(text) } };
    writeFileSync(join(laid, "manifest.json"), JSON.stringify(changed));
    execFileSync("tar", ["cf", join(here.project, "q.tar"), "--format=ustar", "-C", laid, ...names]);
    expect(here.shell("reprise unpack -q q.tar --store other")).toMatchObject({ code: 0, err: "" });
    const { out } = here.shell("reprise verify mine --store other --yes --replays 1 --json");
    const document = JSON.parse(out) as VerifyDocument;
    expect(document).toMatchObject({ verdict: "reproduced", shownOn: { cpu: cpus()[0]?.model ?? "" } });
    expect(document.warnings).toContain("recorded with another processor");
  } finally {
    here.remove();
  }
});
