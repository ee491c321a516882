// Reprise beside the tools that it is compared with, in one run of a harness that starts them all (bench/README.md).
// usage: node bench/peers.mjs OVERHEAD.py [its options …]
import { spawnSync } from "node:child_process";
import { REPRISE } from "./rounds.mjs";

const [harness, ...options] = process.argv.slice(2);
if (harness === undefined) {
  process.stderr.write(
    "usage: node bench/peers.mjs OVERHEAD.py --work DIR --python PYTHON [--only reprise,strace …]\n",
  );
  process.exitCode = 2;
} else {
  const row = `reprise=${REPRISE} run -- {python} {script}`;
  const child = spawnSync("python3", [harness, "--add", row, ...options], { stdio: "inherit" });
  if (child.error !== undefined) process.stderr.write(`python3: ${child.error.message}\n`);
  process.exitCode = child.status ?? 1;
}
