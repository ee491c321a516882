import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { why } from "#replay";
import { environment, gitProject, PYTHON } from "../../run/project.ts";

/** Each script states its truth in its first lines: kind, line and certainty of every cause; no line: nothing parts. */
const CASES = join(import.meta.dirname, "cases");

function truthOf(source: string): { readonly causes: readonly string[]; readonly files: readonly string[] } {
  return {
    causes: [...source.matchAll(/^# cause: (.*)$/gm)].map((found) => found[1] ?? ""),
    files: /^# files: (.*)$/m.exec(source)?.[1]?.split(" ") ?? [],
  };
}

describe("causes in small programs whose truth is known", () => {
  for (const name of readdirSync(CASES).sort()) {
    const source = readFileSync(join(CASES, name), "utf8");
    const truth = truthOf(source);
    test(`${name}: ${truth.causes.join(", ") || "nothing parts"}`, async () => {
      const files = Object.fromEntries(truth.files.map((path) => [path, `${path}\n`]));
      const project = gitProject({ "train.py": source, ...files });
      const baseline = await project.run([PYTHON, "train.py"]);
      const { store } = project;
      const found = await why({ baseline, store, version: "test", env: environment(), budget: { replays: 120 } });
      const causes = found.causes.map(({ kind, line, certainty }) =>
        [kind, ...(line === null ? [] : ["@", line]), certainty].join(" "),
      );
      expect(causes.sort(), JSON.stringify(found, null, 1)).toEqual([...truth.causes].sort());
      for (const cause of found.causes) expect(cause.fix).not.toBe("");
      // What is called proved was shown both ways, in replays that are there to be looked at.
      for (const cause of found.causes.filter((one) => one.certainty === "proved")) {
        expect(cause.proof.map((proof) => proof.action)).toEqual(["transplant", "transplant"]);
        for (const id of cause.proof.flatMap((proof) => proof.runs))
          expect(store.runs.get(id).replay?.of).toBe(baseline.id);
      }
      project.remove();
    });
  }
});
