// Wall time and memory of programs side by side.
import { spawnSync } from "node:child_process";
import { loadavg } from "node:os";

export const has = (program) => spawnSync("sh", ["-c", `command -v ${program}`]).status === 0;

const TIMED = has("/usr/bin/time") ? ["/usr/bin/time", "-f", "MEM %M"] : [];

/** Seconds, and the most memory in MB of one process of it, by GNU time where there is one. */
export function once({ argv, cwd, env = {} }) {
  const timed = [...TIMED, ...argv];
  const start = performance.now();
  const { status, stderr } = spawnSync(timed[0], timed.slice(1), {
    cwd,
    encoding: "utf8",
    maxBuffer: 1 << 28,
    env: { ...process.env, NO_COLOR: "1", ...env },
  });
  const seconds = (performance.now() - start) / 1000;
  const memory = /MEM (\d+)/.exec(stderr ?? "")?.[1];
  return { seconds, status, memory: memory === undefined ? 0 : Number(memory) / 1024, stderr };
}

const median = (list) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)];

/**
 * Rows take turns; the median counts, and that of the ratios to the first row of the same round. `reset` is done before each
 * measurement and is not part of it. `exits`: what a row may end with.
 */
export function table(title, rows, rounds) {
  const found = rows.map(() => []);
  for (let round = 0; round < rounds; round += 1)
    for (const [index, row] of rows.entries()) {
      row.reset?.();
      const one = once(row);
      found[index].push(one);
      if (!(row.exits ?? [0]).includes(one.status))
        console.log(`${row.name}: exit ${one.status}\n${(one.stderr ?? "").split("\n").slice(-6).join("\n")}`);
    }
  console.log(`\n### ${title}\n\n| | median s | of the first row | most MB | exit |\n|---|---|---|---|---|`);
  for (const [index, { name }] of rows.entries()) {
    const seconds = median(found[index].map((one) => one.seconds));
    const ratio = median(found[index].map((one, round) => one.seconds / found[0][round].seconds));
    const memory = Math.max(...found[index].map((one) => one.memory));
    const codes = [...new Set(found[index].map((one) => one.status))].join(",");
    console.log(
      `| ${name} | ${seconds.toFixed(2)} | ${ratio.toFixed(2)} | ${memory === 0 ? "?" : memory.toFixed(0)} | ${codes} |`,
    );
  }
  console.log(`\n${rounds} round(s), load average ${loadavg()[0].toFixed(2)}`);
}
