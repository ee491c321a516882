// Versions of data: hashing beside `openssl dgst -sha256`, many small files beside find, git and dvc, one large table and its
// next version beside dvc and restic, an S3 server beside aws and rclone. What is not installed is left out, and said. Goals:
// hashing at least 90 % of openssl on as many cores; status of what is unchanged at most twice `find`, which looks at the same
// files; a million files in 500 MB of memory.
import { spawnSync } from "node:child_process";
import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { writeSmall, writeTable } from "./data/make.mjs";
import { has, once, table } from "./data/measure.mjs";
import { remote } from "./data/remote.mjs";
import { REPRISE, settings } from "./rounds.mjs";

const ALL = "hash,files,table,remote";
const {
  gigabytes,
  table: tableGb,
  files,
  megabytes,
  objects,
  rounds,
  work,
  parts,
  peers,
  without,
} = settings({
  gigabytes: 10,
  table: 4,
  files: 100_000,
  megabytes: 200,
  objects: 100,
  rounds: 3,
  work: tmpdir(),
  parts: ALL,
  peers: "",
  without: "",
});
if (peers !== "") process.env.PATH = [join(peers, "bin"), process.env.PATH].join(delimiter);
const left = without.split(",");
const use = (program) => {
  if (left.includes(program)) return false;
  if (!has(program)) console.log(`\n${program} is not installed: left out`);
  return has(program);
};
const base = mkdtempSync(join(work, "reprise-bench-data-"));
process.on("exit", () => rmSync(base, { recursive: true, force: true }));

/** A file takes `times` its length while it is measured. */
function fitting(wanted, times) {
  const { bavail, bsize } = statfsSync(base);
  const fits = Math.min(wanted, Math.floor((bavail * bsize) / times / 1.1e9));
  if (fits < wanted) console.log(`\nonly ${fits} of ${wanted} GB fit on the disk`);
  return fits;
}

/** Out of memory, by coreutils' dd: no right over the whole machine's cache is asked for. */
const dropped = (paths) => {
  spawnSync("sync", ["-f", paths[0]]);
  for (const path of paths) spawnSync("dd", [`if=${path}`, "iflag=nocache", "count=0", "status=none"]);
};

function hashing() {
  const size = fitting(gigabytes, 2);
  if (size < 1) return;
  const folder = join(base, "hash");
  const data = join(folder, "data");
  mkdirSync(data, { recursive: true });
  const count = Math.max(8, size);
  const paths = Array.from({ length: count }, (_, part) => join(data, `${String(part).padStart(3, "0")}.csv`));
  for (const [part, path] of paths.entries()) writeTable(path, (size * 1e9) / count, part);
  const env = { REPRISE_HOME: join(folder, "store") };
  once({ argv: [REPRISE, "data", "add", data], cwd: folder, env });
  // Kept once, it is not asked for again; the disk's room is.
  rmSync(join(folder, "store", "objects", "packs"), { recursive: true, force: true });
  const cores = availableParallelism();
  const lots = Array.from({ length: cores }, (_, lot) => paths.filter((_path, at) => at % cores === lot));
  const openssl = (list) => `openssl dgst -sha256 ${list.join(" ")} > ${folder}/sums`;
  const rows = (reset) => [
    {
      name: `openssl, ${cores} at once`,
      argv: ["sh", "-c", `${lots.map(openssl).join(" & ")} & wait`],
      cwd: folder,
      reset,
    },
    { name: "openssl, one core", argv: ["sh", "-c", openssl(paths)], cwd: folder, reset },
    {
      name: "reprise data status, all read again",
      argv: [REPRISE, "data", "status"],
      cwd: folder,
      env,
      // Changed times, the same bytes.
      reset: () => {
        spawnSync("touch", paths);
        reset?.();
      },
    },
  ];
  spawnSync("sh", ["-c", `cat ${paths.join(" ")} > /dev/null`]);
  table(`${size} GB in ${count} tables, warm`, rows(), rounds);
  table(
    `${size} GB in ${count} tables, not in memory`,
    rows(() => dropped(paths)),
    1,
  );
  rmSync(folder, { recursive: true, force: true });
}

function manyFiles() {
  const folder = join(base, "many");
  const data = join(folder, "data");
  writeSmall(data, files);
  const store = join(folder, "store");
  const env = { REPRISE_HOME: store };
  const [git, dvc] = [use("git"), use("dvc")];
  const gitWith = (...words) => [
    "git",
    "-c",
    "user.name=a",
    "-c",
    "user.email=a@b",
    "-c",
    "core.fsmonitor=false",
    ...words,
  ];
  if (git) spawnSync("git", ["init", "-q", "."], { cwd: folder });
  if (dvc) spawnSync("dvc", ["init", "-q", "--no-scm", "-f"], { cwd: folder });
  writeFileSync(join(folder, ".gitignore"), "store/\n.dvc/\n*.dvc\n.dvcignore\n");
  const mine = { cwd: folder, env };
  table(
    `${files} small files: kept for the first time`,
    [
      { name: "reprise data add", argv: [REPRISE, "data", "add", data], ...mine },
      ...(git ? [{ name: "git add", argv: gitWith("add", "data"), cwd: folder }] : []),
      ...(dvc ? [{ name: "dvc add", argv: ["dvc", "add", "-q", "data"], cwd: folder }] : []),
    ],
    1,
  );
  if (git) spawnSync("git", gitWith("commit", "-qm", "x").slice(1), { cwd: folder });
  const find = `find ${data} -type f -size +0 | wc -l`;
  const rows = (changed) => [
    { name: "find -size +0 (looks at every file)", argv: ["sh", "-c", find], cwd: folder },
    { name: "reprise data status", argv: [REPRISE, "data", "status"], ...mine, exits: [changed] },
    ...(git ? [{ name: "git status", argv: gitWith("status", "--short"), cwd: folder }] : []),
    ...(dvc ? [{ name: "dvc status", argv: ["dvc", "status", "-q", "data.dvc"], cwd: folder, exits: [changed] }] : []),
  ];
  // What each tool finds out by its first look is not asked for again.
  for (const row of rows(0)) once(row);
  table(`${files} small files: nothing has changed`, rows(0), rounds);
  const one = join(data, "00000", readdirSync(join(data, "00000"))[0]);
  const changed = rows(1).map((row) => ({ ...row, reset: () => appendFileSync(one, "x\n") }));
  table(`${files} small files: one has changed`, changed, Math.min(rounds, 2));
  table(
    `${files} small files: kept again, one has changed`,
    [{ name: "reprise data add", argv: [REPRISE, "data", "add", data], ...mine }],
    1,
  );
  rmSync(folder, { recursive: true, force: true });
}

function largeTable() {
  // Beside the table: what three tools keep of it, and dvc's copy of what it is asked to keep.
  const size = fitting(tableGb, 4.5);
  if (size < 1) return;
  const folder = join(base, "large");
  mkdirSync(join(folder, "data"), { recursive: true });
  const file = join(folder, "data", "table.csv");
  writeTable(file, size * 1e9);
  const more = join(folder, "more.csv");
  writeTable(more, size * 1e7, 17);
  const [dvc, restic] = [use("dvc"), use("restic")];
  const repository = join(folder, "restic");
  const kept = { reprise: join(folder, "store"), dvc: join(folder, ".dvc", "cache"), restic: repository };
  if (dvc) spawnSync("dvc", ["init", "-q", "--no-scm", "-f"], { cwd: folder });
  const secret = { RESTIC_PASSWORD: "bench" };
  const resticWith = (...words) => ["restic", "-q", "-r", repository, ...words];
  if (restic) once({ argv: resticWith("init"), cwd: folder, env: secret });
  const settle = () => void spawnSync("sync");
  const rows = [
    {
      name: "reprise data add",
      argv: [REPRISE, "data", "add", file],
      cwd: folder,
      env: { REPRISE_HOME: kept.reprise },
    },
    ...(restic ? [{ name: "restic backup", argv: resticWith("backup", "data"), cwd: folder, env: secret }] : []),
    // The last: it puts the file into its cache and a copy or link in its place.
    ...(dvc ? [{ name: "dvc add", argv: ["dvc", "add", "-q", "data/table.csv"], cwd: folder }] : []),
  ].map((row) => ({ ...row, reset: settle }));
  for (const title of ["for the first time", "with 1 % of rows more"]) {
    table(`${size} GB table: kept ${title}`, rows, 1);
    const sizes = Object.entries(kept).map(([name, path]) => {
      const kilobytes = Number(spawnSync("du", ["-sk", path], { encoding: "utf8" }).stdout?.split("\t")[0] ?? 0);
      return `${name} ${((kilobytes * 1024) / 1e9).toFixed(2)} GB`;
    });
    console.log(`\non disk: ${sizes.join(", ")}`);
    if (dvc) spawnSync("dvc", ["unprotect", "-q", "data/table.csv"], { cwd: folder });
    spawnSync("sh", ["-c", `cat ${more} >> ${file}`]);
  }
  rmSync(folder, { recursive: true, force: true });
}

const asked = parts.split(",");
if (asked.includes("hash")) hashing();
if (asked.includes("files")) manyFiles();
if (asked.includes("table")) largeTable();
if (asked.includes("remote")) {
  for (const program of ["aws", "rclone"]) use(program);
  await remote(base, megabytes, objects);
}
