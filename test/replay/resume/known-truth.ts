import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { resumeCheck } from "#replay";
import { environment, folderProject, PYTHON as OWN } from "../../run/project.ts";

const TIME_MS = 600_000;

/** Cases whose library is not among those of the tests run with another interpreter that has it. */
const PYTHON = process.env.REPRISE_TEST_PYTHON ?? OWN;

/**
 * Each script states its truth in its first lines: the verdict; `lost`: what was not restored and how that is known;
 * `restored`: all that was; `reason`: a part of what is said; `note`: one of the notes; `resume-args`, `signal`: how it is resumed and ended; `needs`: a
 * library that may be absent.
 */
const CASES = join(import.meta.dirname, "cases");

const isThere = (module: string): boolean =>
  spawnSync(PYTHON, ["-c", `import importlib.util, sys; sys.exit(importlib.util.find_spec("${module}") is None)`])
    .status === 0;

/** A test for each script whose name fits. */
export function testCases(names: RegExp): void {
  for (const name of readdirSync(CASES)
    .filter((one) => names.test(one))
    .sort()) {
    const source = readFileSync(join(CASES, name), "utf8");
    const all = (key: string): string[] =>
      [...source.matchAll(new RegExp(`^# ${key}: (.*)$`, "gm"))].map((found) => found[1] ?? "");
    const [verdict = "", [needs = ""], [reason = ""], [args], [signal]] = [
      all("verdict")[0],
      all("needs"),
      all("reason"),
      all("resume-args"),
      all("signal"),
    ];
    test.skipIf(needs !== "" && !isThere(needs))(`${name}: ${verdict}`, { timeout: TIME_MS }, async () => {
      const project = folderProject({ "train.py": source });
      const env = { ...environment(), OMP_NUM_THREADS: "1", OMP_WAIT_POLICY: "passive" };
      const baseline = await project.run([PYTHON, "train.py"], { env });
      expect(baseline.exitCode, project.text(baseline.stderr)).toBe(0);
      const found = await resumeCheck({
        baseline,
        store: project.store,
        version: "test",
        env,
        patterns: [],
        signal: signal === "TERM" ? "TERM" : "KILL",
        resume: args === undefined ? { by: "same" } : { by: "arguments", text: args },
      });
      const told = JSON.stringify(found, null, 1);
      expect(found.verdict, told).toBe(verdict);
      expect(found.reason).toContain(reason);
      const lost = found.states.filter(({ restored }) => !restored);
      expect(
        lost.map(({ state, name: what, certainty }) => `${state} ${what} ${certainty}`),
        told,
      ).toEqual(all("lost"));
      for (const note of all("note")) expect(found.notes, told).toContain(note);
      const [restored] = all("restored");
      if (restored !== undefined) {
        const kept = found.states.filter((one) => one.restored);
        const words = kept.map(({ state, name: what }) => (state === "generator" ? `${state} ${what}` : state));
        expect(words.sort().join(", "), told).toBe(restored.split(", ").sort().join(", "));
      }
      // What is called proved was shown by a run that is there to be looked at.
      for (const { certainty, runs } of lost.filter((one) => one.certainty === "proved"))
        for (const id of runs) expect(project.store.runs.get(id).replay?.of, certainty).toBe(baseline.id);
      project.remove();
    });
  }
}
