// `npm run demo`: Reprise as its user meets it, on an ordinary training script, and a check that it says the truth.
import { spawn, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { build, ensureModules, root, SetupError } from "./setup/checkout.mjs";
import { ensureEnvironment } from "./setup/environment.mjs";
import { withLock } from "./setup/lock.mjs";

const userPath = process.env.PATH ?? "";

function setUp() {
  withLock(join(root, ".cache/checkout.lock"), () => {
    ensureModules();
    build();
  });
  return ensureEnvironment(".venv-demo", [["-r", "examples/requirements.txt"]]);
}

/** A project as a user has it: the example in a folder of its own, under git. */
function makeProject() {
  const folder = mkdtempSync(join(tmpdir(), "digits-"));
  cpSync(join(root, "examples/digits"), folder, { recursive: true });
  const author = ["-c", "user.name=Demo", "-c", "user.email=demo@example.org"];
  for (const args of [
    ["init", "-q"],
    ["add", "-A"],
    [...author, "commit", "-q", "-m", "Recognise digits"],
  ]) {
    const child = spawnSync("git", args, { cwd: folder, encoding: "utf8" });
    if (child.status !== 0) throw new SetupError(`git ${args.join(" ")} failed: ${child.error ?? child.stderr}`);
  }
  return folder;
}

/** Types a command: standard error stays the terminal's, standard output is shown and kept. */
function type(command, cwd, env) {
  process.stdout.write(`\n$ ${command}\n`);
  return new Promise((resolve, reject) => {
    const child = spawn("sh", ["-c", command], { cwd, env, stdio: ["inherit", "pipe", "inherit"] });
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (text) => {
      output += text;
      process.stdout.write(text);
    });
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, output }));
  });
}

function guiltyLine(folder) {
  const lines = readFileSync(join(folder, "train.py"), "utf8").split("\n");
  return lines.findIndex((line) => line.includes("default_rng()")) + 1;
}

function steps(folder) {
  const guilty = `train.py:${guiltyLine(folder)}`;
  return [
    {
      say: "An ordinary training script, recorded as it is:",
      command: "reprise run -- python train.py",
      code: 0,
      says: [/epoch 40 /],
    },
    {
      say: "Would somebody else get this result? Reprise runs it again while everything that is not in the recipe varies:",
      command: "reprise verify @last",
      code: 1,
      says: [guilty],
    },
    {
      say: "The seed made part of the recipe:",
      command: "reprise run --seed 42 -- python train.py",
      code: 0,
      says: [/epoch 40 /],
    },
    { say: "And now:", command: "reprise verify @last", code: 0, says: [/reproduced/i] },
  ];
}

async function play(python) {
  const folder = makeProject();
  const environment = join(python, "../..");
  const env = {
    ...process.env,
    PATH: [join(environment, "bin"), join(root, "bin"), userPath].join(delimiter),
    VIRTUAL_ENV: environment,
    ...(process.stdout.isTTY && process.env.NO_COLOR === undefined ? { FORCE_COLOR: "1" } : {}),
  };
  try {
    for (const { say, command, code, says } of steps(folder)) {
      process.stdout.write(`\n${say}\n`);
      const seen = await type(command, folder, env);
      const silent = says.filter(
        (word) => !(word instanceof RegExp ? word.test(seen.output) : seen.output.includes(word)),
      );
      if (seen.code !== code) throw new SetupError(`\`${command}\` exited with ${seen.code}; ${code} was expected.`);
      if (silent.length > 0) throw new SetupError(`\`${command}\` did not say ${silent.join(" nor ")}.`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

try {
  const python = setUp();
  const started = Date.now();
  await play(python);
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  process.stdout.write(`\nThe demo did what it should, in ${seconds} s. The script is examples/digits/train.py.\n`);
} catch (error) {
  process.stderr.write(`\nThe demo failed: ${error instanceof SetupError ? error.message : error.stack}\n`);
  process.exitCode = 1;
}
