// The Python agent is tested by every Python it promises to work in, with that Python's standard library alone,
// and once beside the frameworks whose results it must not change.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { findPythons } from "./pythons.mjs";

const VERSIONS = ["3.8", "3.9", "3.10", "3.11", "3.12", "3.13"];
/** Beside the frameworks each test imports one anew: minutes here, and longer on a slow disk. */
const MINUTES = { alone: 10, beside: 30 };

/** unittest's own lines count what is skipped in one way up to Python 3.12 and in another since: each outcome is counted. */
const RUNNER = `
import unittest
class Count(unittest.TextTestResult):
    passed = 0
    def addSuccess(self, test):
        super().addSuccess(test)
        self.passed += 1
tests = unittest.defaultTestLoader.discover("tests", "test_*.py", "tests")
result = unittest.TextTestRunner(resultclass=Count).run(tests)
failed = len(result.failures) + len(result.errors) + len(result.unexpectedSuccesses)
print("\\ncounted", result.passed, failed, len(result.skipped) + len(result.expectedFailures))
raise SystemExit(1 if failed else 0)
`;

function countUnittest(text, code) {
  const [, passed, failed, skipped] = (/^counted (\d+) (\d+) (\d+)\s*$/m.exec(text) ?? [0, 0, 0, 0]).map(Number);
  // Finding no test at all is a failure too: it would look like success on every Python.
  return { passed, failed: failed === 0 && (code !== 0 || passed === 0) ? 1 : failed, skipped };
}

function testWith(root, title, python, minutes = MINUTES.alone) {
  const child = spawnSync(python, ["-c", RUNNER], {
    cwd: join(root, "agent/python"),
    encoding: "utf8",
    timeout: minutes * 60_000,
    maxBuffer: 1 << 28,
    env: { ...process.env, PYTHONPATH: join(root, "agent/python/src"), PYTHONDONTWRITEBYTECODE: "1" },
  });
  const text = `${child.stdout ?? ""}${child.stderr ?? ""}`;
  const count = countUnittest(text, child.status);
  const skipped = count.skipped === 0 ? "" : `, ${count.skipped} skipped`;
  process.stdout.write(`agent on Python ${title}: ${count.passed} passed, ${count.failed} failed${skipped}\n`);
  if (count.failed > 0) process.stdout.write(`${child.error ? `${child.error}\n` : ""}${text}\n`);
  return count;
}

/** @param full the Python of an environment with the frameworks: what the others skip is tested there */
export function testAgent(root, full) {
  const sum = { passed: 0, failed: 0 };
  if (!existsSync(join(root, "agent/python/tests"))) {
    process.stdout.write("agent not tested: agent/python/tests is missing\n");
    return { passed: 0, failed: 1 };
  }
  const add = (count) => {
    sum.passed += count.passed;
    sum.failed += count.failed;
  };
  const missing = [];
  for (const { version, path } of findPythons(VERSIONS)) {
    if (path === null) {
      missing.push(version);
      continue;
    }
    add(testWith(root, version, path));
  }
  add(testWith(root, "of the environment with the frameworks", full, MINUTES.beside));
  if (missing.length > 0)
    process.stdout.write(`agent not tested on Python ${missing.join(", ")}: not on this machine\n`);
  if (missing.length === VERSIONS.length) sum.failed += 1;
  return sum;
}
