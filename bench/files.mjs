// What `reprise run` adds to a program that reads many small files, where they lie outside of the project (their digests
// are recorded) and inside it (those that Git does not have are kept too). Goal: at most 1.3 times the bare run for 20,000.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { measure, project, pythonAt, REPRISE, report, settings } from "./rounds.mjs";

const READ = `import os, sys, zlib
total = 0
for folder in sorted(os.listdir(sys.argv[1])):
    for name in sorted(os.listdir(os.path.join(sys.argv[1], folder))):
        with open(os.path.join(sys.argv[1], folder, name), "rb") as f:
            total ^= zlib.crc32(f.read())
print("crc", total)
`;

const { rounds, python: name, files } = settings({ rounds: 10, files: 20_000 });
const python = pythonAt(name);

function fill(top) {
  for (let index = 0; index < files; index += 1) {
    const folder = join(top, String(Math.floor(index / 500)).padStart(4, "0"));
    if (index % 500 === 0) mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `${index}.bin`), String(index).repeat(100));
  }
}

const cwd = project({ "read.py": READ, ".gitignore": ".reprise/\ndata/\n" });
const places = { "outside the project": join(project({}), "data"), "inside the project": join(cwd, "data") };
for (const [where, data] of Object.entries(places)) {
  fill(data);
  const figures = measure(
    [
      { name: "python read.py", argv: [python, "read.py", data], cwd },
      { name: "reprise run -- python read.py", argv: [REPRISE, "run", "--", python, "read.py", data], cwd },
    ],
    rounds,
  );
  report(`${files} small files read, ${where}`, figures, rounds);
}
