// How each tool is started, where it keeps what, and how its files are read again.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { REPRISE } from "../rounds.mjs";

const filesBelow = (folder) =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, encoding: "utf8" })
        .map((name) => join(folder, name))
        .filter((path) => statSync(path).isFile())
    : [];

/** Files under a digest's name with another content. */
const misnamed = (files, algorithm) =>
  files.filter((path) => {
    const name = path
      .split("/")
      .slice(-2)
      .join("")
      .replace(/\.dir$/, "");
    return /^[0-9a-f]{32,64}$/.test(name) && createHash(algorithm).update(readFileSync(path)).digest("hex") !== name;
  }).length;

/** Tools that keep versions of a folder `data`. */
export function addersOf(peers) {
  const reprise = {
    name: "reprise",
    env: {},
    add: [REPRISE, "data", "add", "data", "--quiet"],
    mark: (home) => {
      const listed = JSON.parse(
        spawnSync(REPRISE, ["data", "ls", "data", "--json"], { cwd: home, encoding: "utf8" }).stdout || "{}",
      );
      const versions = JSON.stringify(listed).match(/"version":\d+/g) ?? [];
      return Math.max(0, ...versions.map((text) => Number(text.slice(10))));
    },
    restore: (version) => [REPRISE, "data", "restore", version ? `data@${version}` : "data", "--force", "--quiet"],
    wrongObjects: (home) =>
      misnamed(
        filesBelow(join(home, ".reprise/objects")).filter((path) => !/packs|chunked/.test(path)),
        "sha256",
      ),
    objects: (home) => filesBelow(join(home, ".reprise/objects")),
  };
  if (peers === undefined) return [reprise];
  const dvc = join(peers, "bin/dvc");
  const env = { DVC_NO_ANALYTICS: "1", PATH: `${join(peers, "bin")}:${process.env.PATH}` };
  return [
    reprise,
    {
      name: "DVC",
      env,
      prepare: (home) => spawnSync(dvc, ["init", "--no-scm", "-q"], { cwd: home, env: { ...process.env, ...env } }),
      add: [dvc, "add", "data"],
      mark: (home) => readFileSync(join(home, "data.dvc"), "utf8"),
      // What git would give back: the pointer of the acknowledged version.
      restore: (pointer) => ["sh", "-c", `cat > data.dvc <<'END'\n${pointer}\nEND\n'${dvc}' checkout -q --force`],
      unlock: ["rm", "-f", ".dvc/tmp/lock", ".dvc/tmp/rwlock"],
      forget: (home) => rmSync(join(home, ".dvc/tmp"), { recursive: true, force: true }),
      wrongObjects: (home) => misnamed(filesBelow(join(home, ".dvc/cache/files/md5")), "md5"),
      objects: (home) => filesBelow(join(home, ".dvc/cache/files/md5")),
    },
  ];
}

const LOOP = `
import os, sys, time
for i in range(int(sys.argv[1])):
    log(i, 1.0 / (i + 1))
    print("logged %d" % i, flush=True)
    if "FAST" not in os.environ: time.sleep(0.002)
`;

const countLogged = (out) => (out.match(/^logged \d+$/gm) ?? []).length;

/** The offline file of W&B is a log of LevelDB: blocks of 32 KiB, records of a checksum, a length, a kind and protobuf. */
const READ_WANDB = `
import glob, struct, sys
from wandb.proto import wandb_internal_pb2 as pb
seen = set()
for path in glob.glob(sys.argv[1] + "/**/*.wandb", recursive=True):
    data = open(path, "rb").read()
    at, part = 7, b""
    while at + 7 <= len(data):
        left = 32768 - at % 32768
        if left < 7:
            at += left
            continue
        _, length, kind = struct.unpack("<IHB", data[at : at + 7])
        if kind == 0 or at + 7 + length > len(data): break
        part += data[at + 7 : at + 7 + length]
        at += 7 + length
        if kind in (1, 4):
            record = pb.Record()
            try: record.ParseFromString(part)
            except Exception: break
            part = b""
            for item in record.history.item:
                if item.key == "i" or list(item.nested_key) == ["i"]: seen.add(int(item.value_json))
print(len(seen))
`;

/** Tools that take points of a training. */
export function loggersOf(peers) {
  const python = peers === undefined ? "python3" : join(peers, "bin/python");
  const reprise = {
    name: "reprise",
    env: {},
    room: 300 << 10,
    program: `def log(i, loss): print("step %d loss=%.6f" % (i, loss), flush=True)\n${LOOP}`,
    log: (home, points) => [
      REPRISE,
      "run",
      "-q",
      "--store",
      join(home, "store"),
      "--",
      python,
      "train.py",
      String(points),
    ],
    countLogged,
    readable: (home) => {
      const texts = filesBelow(join(home, "store")).map((path) => readFileSync(path, "latin1"));
      return new Set(texts.flatMap((text) => text.match(/^step \d+ loss=[\d.]+$/gm) ?? [])).size;
    },
  };
  if (peers === undefined) return [reprise];
  return [
    reprise,
    {
      name: "W&B",
      env: { WANDB_MODE: "offline", WANDB_SILENT: "true" },
      room: 300 << 10,
      program: `import os, wandb\nrun = wandb.init(project="p", dir=os.environ["WHERE"], settings=wandb.Settings(console="off"))\ndef log(i, loss): run.log({"loss": loss, "i": i})\n${LOOP}\nrun.finish()\n`,
      log: (home, points) => ["env", `WHERE=${home}`, python, "train.py", String(points)],
      countLogged,
      readable: (home) => {
        const script = join(home, "..", "read-wandb.py");
        writeFileSync(script, READ_WANDB);
        return Number(spawnSync(python, [script, home], { encoding: "utf8" }).stdout);
      },
    },
  ];
}
