// `npm test`: everything the tests need, then all of them, then one line with the sum.
// Words after `--` go to vitest: `npm test -- test/store` runs those files and leaves the agent out.
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { testAgent } from "./setup/agent-tests.mjs";
import { build, ensureModules, root, SetupError } from "./setup/checkout.mjs";
import { ensureDebian } from "./setup/debian.mjs";
import { ensureEnvironment } from "./setup/environment.mjs";
import { withLock } from "./setup/lock.mjs";
import { ensureServices } from "./setup/services.mjs";

/** Program → Debian package. */
const PROGRAMS = { strace: "strace", "git-lfs": "git-lfs" };

const TORCH = "torch==2.13.0";

/** @returns the Python of the tests' environment */
function setUp() {
  withLock(join(root, ".cache/checkout.lock"), () => {
    ensureModules();
    build();
    ensureServices();
  });
  ensureEnvironment(".venv-tools", [["-r", "test/requirements-tools.txt"]]);
  ensureDebian(PROGRAMS);
  // PyTorch first and alone: asked for together with others, pip may settle on a build for GPUs of gigabytes.
  return ensureEnvironment(".venv-test", [[TORCH], ["-r", "test/requirements.txt"]]);
}

/** Passed and failed of vitest's own report; a file that could not be loaded counts as one failure. */
function countVitest(path, code) {
  let report;
  try {
    report = JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return { passed: 0, failed: 1 };
  }
  const unloaded = report.testResults.filter((file) => file.status === "failed" && file.assertionResults.length === 0);
  const failed = report.numFailedTests + unloaded.length;
  return { passed: report.numPassedTests, failed: failed === 0 && code !== 0 ? 1 : failed };
}

function testProgram(filters) {
  const path = join(root, `.cache/vitest-${process.pid}.json`);
  mkdirSync(join(root, ".cache"), { recursive: true });
  const options = ["run", "--reporter=default", "--reporter=json", `--outputFile.json=${path}`, ...filters];
  const child = spawnSync(join(root, "node_modules/.bin/vitest"), options, { cwd: root, stdio: "inherit" });
  const count = countVitest(path, child.status);
  rmSync(path, { force: true });
  return count;
}

const filters = process.argv.slice(2);
let sum = { passed: 0, failed: 1 };
try {
  const python = setUp();
  const program = testProgram(filters);
  const agent = filters.length === 0 ? testAgent(root, python) : { passed: 0, failed: 0 };
  sum = { passed: program.passed + agent.passed, failed: program.failed + agent.failed };
} catch (error) {
  process.stderr.write(`\n${error instanceof SetupError ? error.message : error.stack}\n`);
}
process.stdout.write(`${sum.passed} passed, ${sum.failed} failed\n`);
process.exitCode = sum.failed === 0 && sum.passed > 0 ? 0 : 1;
