import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { why } from "#replay";
import { environment, gitProject, PYTHON } from "../../run/project.ts";

/** A program with torch takes seconds to start, and is replayed some thirty times. */
const TIME_MS = 900_000;

/**
 * Each script states its truth in its first lines: kind, line and certainty of every cause; no such line: nothing parts.
 * `divergence`: line and variable where runs part first, `operator` the operator of torch there. `unresolved`: a kind that
 * could be neither convicted nor cleared. `known`: an earlier verdict. `luck`: why a search may see nothing, and is made again.
 * `needs`: a library.
 */
const CASES = join(import.meta.dirname, "cases");

interface Truth {
  readonly causes: readonly string[];
  readonly files: readonly string[];
  readonly divergence: string | null;
  readonly operator: string | null;
  readonly unresolved: string | null;
  readonly known: string | null;
  readonly luck: string | null;
  readonly needs: string | null;
}

function truthOf(source: string): Truth {
  const one = (name: string): string | null => new RegExp(`^# ${name}: (.*)$`, "m").exec(source)?.[1] ?? null;
  return {
    causes: [...source.matchAll(/^# cause: (.*)$/gm)].map((found) => found[1] ?? ""),
    files: one("files")?.split(" ") ?? [],
    divergence: one("divergence"),
    operator: one("operator"),
    unresolved: one("unresolved"),
    known: one("known"),
    luck: one("luck"),
    needs: one("needs"),
  };
}

const isThere = (module: string): boolean =>
  spawnSync(PYTHON, ["-c", `import importlib.util, sys; sys.exit(importlib.util.find_spec("${module}") is None)`])
    .status === 0;

/** A test for each of these scripts: the causes that it states, and no other, are found. */
export function testCases(of: { readonly torch: boolean }): void {
  for (const name of readdirSync(CASES).sort()) {
    const source = readFileSync(join(CASES, name), "utf8");
    const truth = truthOf(source);
    if ((truth.needs === "torch") !== of.torch) continue;
    test.skipIf(truth.needs !== null && !isThere(truth.needs))(
      `${name}: ${truth.causes.join(", ") || "nothing parts"}`,
      {
        retry: truth.luck === null ? 0 : 6,
        timeout: TIME_MS,
      },
      async () => {
        const files = Object.fromEntries(truth.files.map((path) => [path, `${path}\n`]));
        const project = gitProject({ "train.py": source, ...files });
        // Threads that wait without turning: other tests run on the same processors.
        const env = { ...environment(), OMP_WAIT_POLICY: "passive" };
        const baseline = await project.run([PYTHON, "train.py"], { env });
        const { store } = project;
        if (truth.known !== null) store.runs.addFact(baseline.id, "verdict", { verdict: truth.known });
        const found = await why({ baseline, store, version: "test", env, budget: { replays: 120 } });
        const causes = found.causes.map(({ kind, line, certainty }) =>
          [kind, ...(line === null ? [] : ["@", line]), certainty].join(" "),
        );
        expect(causes.sort(), JSON.stringify(found, null, 1)).toEqual([...truth.causes].sort());
        if (truth.divergence !== null) {
          const { line, variable } = found.divergence ?? {};
          expect(`${line} ${variable}`, JSON.stringify(found.divergence)).toBe(truth.divergence);
        }
        if (truth.operator !== null) expect(found.divergence?.operator).toBe(truth.operator);
        expect(found.unresolved.map((one) => one.kind).join(" ")).toBe(truth.unresolved ?? "");
        for (const cause of found.causes) expect(cause.fix).not.toBe("");
        // What is called proved was shown both ways, in replays that are there to be looked at.
        for (const cause of found.causes.filter((one) => one.certainty === "proved")) {
          expect(cause.proof.map((proof) => proof.action)).toEqual(["transplant", "transplant"]);
          for (const id of cause.proof.flatMap((proof) => proof.runs))
            expect(store.runs.get(id).replay?.of).toBe(baseline.id);
        }
        project.remove();
      },
    );
  }
}
