// How often an audit fails though nothing has changed, and how often it sees a change: goldens of the example, each audited many
// times, unchanged and with one line changed. Goal: of audits of unchanged code at most 1 of 100 (docs/audit.md).
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { exactRate } from "../src/compare/statistics/beta.ts";
import { pythonAt, REPRISE, settings } from "./rounds.mjs";

const { goldens, audits, changed, python } = settings({ goldens: 4, audits: 100, changed: 12 });
const EXAMPLE = fileURLToPath(new URL("../examples/audit", import.meta.url));
const CHANGES = [
  ["learning_rate_init=0.01", "learning_rate_init=0.3"],
  ["max_iter=12", "max_iter=6"],
];

const base = realpathSync(mkdtempSync(join(tmpdir(), "alarms-")));
process.on("exit", () => rmSync(base, { recursive: true, force: true }));
const env = {
  ...process.env,
  PATH: `${dirname(pythonAt(python))}:${process.env.PATH}`,
  OMP_NUM_THREADS: "1",
  CI: "",
  GIT_AUTHOR_NAME: "bench",
  GIT_AUTHOR_EMAIL: "bench@example.org",
  GIT_COMMITTER_NAME: "bench",
  GIT_COMMITTER_EMAIL: "bench@example.org",
};

function call(cwd, program, argv, codes = [0]) {
  const child = spawnSync(program, argv, { cwd, env, encoding: "utf8", maxBuffer: 64 << 20 });
  if (codes.includes(child.status)) return child;
  throw new Error(`${program} ${argv.join(" ")}: exit ${child.status}\n${child.stderr}${child.stdout}`);
}

/** The document of one audit; the verdict is what is asked, so nothing is searched for. */
const audit = (cwd) => JSON.parse(call(cwd, REPRISE, ["audit", "run", "-q", "--no-why", "--json"], [0, 1, 3]).stdout);

function repository(at) {
  const cwd = join(base, `golden-${at}`);
  cpSync(EXAMPLE, cwd, { recursive: true });
  call(cwd, "git", ["init", "-q"]);
  call(cwd, "git", ["add", "-A"]);
  call(cwd, "git", ["commit", "-q", "-m", "x"]);
  call(cwd, REPRISE, ["audit", "init", "-q", "--", "python", "train.py"]);
  return cwd;
}

const percent = (rate) => `${(100 * rate).toFixed(1)} %`;
function row(name, all) {
  const failed = all.filter(({ verdict }) => verdict === "outside").length;
  const asked = all.filter(({ trainings }) => trainings.length > 1).length;
  const { low, high } = exactRate(failed, all.length, 0.95);
  const rate = percent(failed / all.length);
  console.log(`| ${name} | ${all.length} | ${failed} | ${rate} (${percent(low)} to ${percent(high)}) | ${asked} |`);
}

/** What an alarm came from, so that a tolerance that is too narrow can be told from bad luck. */
function told(audits) {
  for (const { verdict, items } of audits.filter(({ verdict: word }) => word !== "within"))
    for (const { name, state, values, low, high } of items.filter((item) => item.state !== "within"))
      console.log(`${verdict}: ${name} ${state}: ${values.join(", ")}; ${low} to ${high}`);
}

const places = Array.from({ length: goldens }, (_, at) => repository(at));
const quiet = places.flatMap((cwd, at) => {
  const share = Math.floor(audits / goldens) + (at < audits % goldens ? 1 : 0);
  return Array.from({ length: share }, () => audit(cwd));
});
const loud = CHANGES.map(([from, to]) =>
  Array.from({ length: changed }, (_, i) => {
    const cwd = places[i % goldens];
    const file = join(cwd, "model.py");
    const before = readFileSync(file, "utf8");
    writeFileSync(file, before.replace(from, to));
    const seen = audit(cwd);
    writeFileSync(file, before);
    return seen;
  }),
);

console.log(`${goldens} goldens of examples/audit, ${quiet[0]?.golden.trainings} trainings each\n`);
console.log("| code | audits | failed | rate (95 % interval) | trained more than once |");
console.log("|---|---|---|---|---|");
row("unchanged", quiet);
for (const [i, [from, to]] of CHANGES.entries()) if (changed > 0) row(`${from} → ${to}`, loud[i] ?? []);

told(quiet);
