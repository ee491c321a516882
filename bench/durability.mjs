// What is left of acknowledged facts when processes are killed, a disk is full or a bit flips: Reprise, DVC and W&B in one
// harness, with the same jobs.
// usage: node bench/durability.mjs [--rounds N] [--flips N] [--peers DIR]   DIR: a Python environment with dvc and wandb
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { addersOf, loggersOf } from "./durability/contenders.mjs";

const { values: options } = parseArgs({
  options: {
    rounds: { type: "string", default: "20" },
    flips: { type: "string", default: "40" },
    peers: { type: "string" },
  },
});
const ROUNDS = Number(options.rounds);
const FLIPS = Number(options.flips);
const POINTS = 400;
const FILES = 40;

/** Always the same numbers. */
let state = 12345;
const random = (below) => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return Math.floor((state / 2 ** 32) * below);
};

const work = mkdtempSync(join(tmpdir(), "reprise-durability-"));
const fresh = (name) => {
  const folder = join(work, name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  return folder;
};

const filesBelow = (folder) =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile());

function writeData(folder, salt) {
  mkdirSync(folder, { recursive: true });
  for (let index = 0; index < FILES; index++)
    writeFileSync(
      join(folder, `f${index}.bin`),
      createHash("sha512")
        .update(`${salt} ${index}`)
        .digest()
        .toString("hex")
        .repeat(1 + random(400)),
    );
}
const digestOf = (folder) =>
  createHash("sha256")
    .update(
      filesBelow(folder)
        .sort()
        .map((path) => createHash("sha256").update(readFileSync(path)).digest("hex"))
        .join(),
    )
    .digest("hex");

/** A process and all that came of it, in sessions of their own too. */
function withDescendants(pid) {
  const parents = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, "utf8");
        return [[Number(name), Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1])]];
      } catch {
        return [];
      }
    });
  const all = [pid];
  for (const one of all) for (const [child, parent] of parents) if (parent === one) all.push(child);
  return all;
}

/** Runs to the end, or until it and all that it started are killed. */
function run([file, ...args], cwd, env, killAfter, lines = () => {}) {
  return new Promise((resolve) => {
    const child = spawn(file, args, { cwd, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
    let [out, err] = ["", ""];
    const kill = () => {
      for (const pid of withDescendants(child.pid)) {
        try {
          process.kill(pid, "SIGKILL");
        } catch {
          // gone
        }
      }
    };
    child.stdout.on("data", (text) => {
      out += text;
      lines(out, kill);
    });
    child.stderr.on("data", (text) => (err += text));
    const timer = killAfter === undefined ? undefined : setTimeout(kill, killAfter);
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      resolve({ code, signal, out, err });
    });
  });
}

/** Adding a second version of data is killed: is the first still whole, and does the second come in afterwards? */
async function killAdding(tool) {
  const sum = { rounds: 0, killed: 0, lost: 0, wrong: 0, stuck: 0 };
  const home = fresh(`${tool.name}-add`);
  const data = join(home, "data");
  tool.prepare?.(home);
  writeData(data, "first");
  let kept = digestOf(data);
  const begun = Date.now();
  await run(tool.add, home, tool.env);
  const long = Date.now() - begun;
  for (let round = 0; round < ROUNDS; round++) {
    const before = tool.mark?.(home);
    rmSync(data, { recursive: true });
    writeData(data, `round ${round}`);
    const { signal } = await run(tool.add, home, tool.env, 50 + random(long));
    sum.rounds += 1;
    sum.killed += signal === "SIGKILL" ? 1 : 0;
    sum.wrong += tool.wrongObjects(home);
    // The version that was acknowledged before.
    await run(tool.restore(before), home, tool.env);
    if (!existsSync(data) || digestOf(data) !== kept) sum.lost += 1;
    rmSync(data, { recursive: true, force: true });
    writeData(data, `round ${round}`);
    const again = await run(tool.add, home, tool.env);
    if (again.code !== 0) {
      await run(tool.unlock ?? ["true"], home, tool.env);
      sum.stuck += 1;
    }
    state = round + 1; // the same content again
    rmSync(data, { recursive: true, force: true });
    writeData(data, `round ${round}`);
    kept = digestOf(data);
    await run(tool.add, home, tool.env);
  }
  return sum;
}

/** A bit of what was kept flips: is it handed out? */
async function flipAdded(tool) {
  const home = fresh(`${tool.name}-flip`);
  const data = join(home, "data");
  tool.prepare?.(home);
  writeData(data, "flipped");
  await run(tool.add, home, tool.env);
  const right = digestOf(data);
  const mark = tool.mark?.(home);
  const sum = { flips: 0, silent: 0, refused: 0, harmless: 0 };
  const objects = tool.objects(home);
  for (let flip = 0; flip < FLIPS; flip++) {
    const path = objects[random(objects.length)];
    const bytes = readFileSync(path);
    const whole = Buffer.from(bytes);
    bytes[random(bytes.length)] ^= 1 << random(8);
    execFileSync("chmod", ["u+w", path]);
    writeFileSync(path, bytes);
    rmSync(data, { recursive: true, force: true });
    tool.forget?.(home);
    const { code } = await run(tool.restore(mark), home, tool.env);
    const same = existsSync(data) && digestOf(data) === right;
    sum.flips += 1;
    sum[same ? "harmless" : code === 0 ? "silent" : "refused"] += 1;
    execFileSync("mkdir", ["-p", join(path, "..")]);
    rmSync(path, { force: true });
    writeFileSync(path, whole, { mode: 0o444 });
  }
  return sum;
}

const mount = (folder, size) => spawnSync("mount", ["-t", "tmpfs", "-o", `size=${size}`, "tmpfs", folder]).status === 0;
const unmount = (folder) => spawnSync("umount", ["--lazy", folder]);

/** Leaves so many bytes free. */
function leave(folder, free) {
  const { bavail, bsize } = statfsSync(folder);
  writeFileSync(join(folder, "ballast"), Buffer.alloc(Math.max(0, bavail * bsize - free)));
}

async function fullAdding(tool) {
  const home = fresh(`${tool.name}-full`);
  if (!mount(home, "16m")) return null;
  try {
    tool.prepare?.(home);
    writeData(join(home, "data"), "full");
    leave(home, 300 << 10);
    const { code, err } = await run(tool.add, home, tool.env);
    return { code, said: /space|full/i.test(err) ? "yes" : "no" };
  } finally {
    unmount(home);
  }
}

/** Logging is killed with all processes that take part: how many of the points that the program had logged are readable? */
async function killLogging(tool) {
  const sum = { rounds: 0, logged: 0, readable: 0 };
  for (let round = 0; round < ROUNDS; round++) {
    const home = fresh(`${tool.name}-log`);
    writeFileSync(join(home, "train.py"), tool.program);
    const stop = 20 + random(POINTS - 40);
    let [seen, killed] = [0, false];
    await run(tool.log(home, POINTS), home, tool.env, undefined, (out, kill) => {
      if (killed) return;
      seen = tool.countLogged(out);
      killed = seen >= stop;
      if (killed) kill();
    });
    sum.rounds += 1;
    sum.logged += seen;
    sum.readable += Math.min(seen, tool.readable(home));
  }
  return sum;
}

async function fullLogging(tool) {
  const home = fresh(`${tool.name}-log-full`);
  const disk = join(home, "disk");
  mkdirSync(disk);
  writeFileSync(join(home, "train.py"), tool.program);
  if (!mount(disk, "16m")) return null;
  try {
    leave(disk, tool.room);
    const { code, out, err } = await run(tool.log(disk, 20_000), home, { ...tool.env, FAST: "1" });
    return {
      code,
      said: /space|not whole|NOT recorded/i.test(err) ? "yes" : "no",
      logged: tool.countLogged(out),
      readable: tool.readable(disk),
    };
  } finally {
    unmount(disk);
  }
}

const cell = (value, text) => (value === null ? "needs the right to mount" : text(value));
const rows = [];
try {
  for (const tool of addersOf(options.peers)) {
    const killed = await killAdding(tool);
    const full = await fullAdding(tool);
    const flipped = await flipAdded(tool);
    rows.push(
      `| ${tool.name} add | ${killed.lost} of ${killed.rounds} (${killed.killed} killed) | ${killed.wrong} | ${killed.stuck} | ${cell(full, ({ code, said }) => `exit ${code}, said: ${said}`)} | ${flipped.silent} of ${flipped.flips} handed out, ${flipped.refused} refused, ${flipped.harmless} harmless |`,
    );
    process.stderr.write(`${rows.at(-1)}\n`);
  }
  for (const tool of loggersOf(options.peers)) {
    const killed = await killLogging(tool);
    const full = await fullLogging(tool);
    rows.push(
      `| ${tool.name} log | ${killed.logged - killed.readable} of ${killed.logged} points in ${killed.rounds} rounds | – | – | ${cell(full, ({ code, said, logged, readable }) => `exit ${code}, said: ${said}, ${readable} of ${logged} points readable`)} | – |`,
    );
    process.stderr.write(`${rows.at(-1)}\n`);
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}
process.stdout.write(
  `| | kill -9: acknowledged and lost | objects under a name that is not theirs | add refused afterwards | full disk | flipped bit |\n|---|---|---|---|---|---|\n${rows.join("\n")}\n`,
);
