// The Python agent is tested by every Python it promises to work in, with that Python's standard library alone.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { findPythons } from "./pythons.mjs";

const VERSIONS = ["3.8", "3.9", "3.10", "3.11", "3.12", "3.13"];
const MINUTES = 10;

/** Reads unittest's last lines: `Ran 12 tests in 0.3s` and `FAILED (failures=1, errors=1, skipped=2)`. */
function countUnittest(text, code) {
  const ran = Number(/^Ran (\d+) tests? in/m.exec(text)?.[1] ?? 0);
  const last = /^(?:OK|FAILED)(?: \((.*)\))?\s*$/m.exec(text)?.[1] ?? "";
  const of = (name) => Number(new RegExp(`(?:^|, )${name}=(\\d+)`).exec(last)?.[1] ?? 0);
  const failed = of("failures") + of("errors") + of("unexpected successes");
  const skipped = of("skipped") + of("expected failures");
  return {
    passed: Math.max(0, ran - failed - skipped),
    // Finding no test at all is a failure too: it would look like success on every Python.
    failed: failed === 0 && (code !== 0 || ran === 0) ? 1 : failed,
    skipped,
  };
}

function testWith(root, version, python) {
  const options = ["-m", "unittest", "discover", "-s", "tests", "-t", "tests", "-p", "test_*.py"];
  const child = spawnSync(python, options, {
    cwd: join(root, "agent/python"),
    encoding: "utf8",
    timeout: MINUTES * 60_000,
    maxBuffer: 1 << 28,
    env: { ...process.env, PYTHONPATH: join(root, "agent/python/src"), PYTHONDONTWRITEBYTECODE: "1" },
  });
  const text = `${child.stdout ?? ""}${child.stderr ?? ""}`;
  const count = countUnittest(text, child.status);
  const skipped = count.skipped === 0 ? "" : `, ${count.skipped} skipped`;
  process.stdout.write(`agent on Python ${version}: ${count.passed} passed, ${count.failed} failed${skipped}\n`);
  if (count.failed > 0) process.stdout.write(`${child.error ? `${child.error}\n` : ""}${text}\n`);
  return count;
}

export function testAgent(root) {
  const sum = { passed: 0, failed: 0 };
  if (!existsSync(join(root, "agent/python/tests"))) {
    process.stdout.write("agent not tested: agent/python/tests is missing\n");
    return { passed: 0, failed: 1 };
  }
  const missing = [];
  for (const { version, path } of findPythons(VERSIONS)) {
    if (path === null) {
      missing.push(version);
      continue;
    }
    const count = testWith(root, version, path);
    sum.passed += count.passed;
    sum.failed += count.failed;
  }
  if (missing.length > 0)
    process.stdout.write(`agent not tested on Python ${missing.join(", ")}: not on this machine\n`);
  if (missing.length === VERSIONS.length) sum.failed += 1;
  return sum;
}
