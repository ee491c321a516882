// What `reprise run` adds to a program that reads many small files, where they lie outside of the project (their digests
// are recorded) and inside it (those that Git does not have are kept too). Goal: at most 1.3 times the bare run for 20,000.
// The bare job that only opens takes a quarter of a second, of which the fixed cost alone is half; the one that parses what it
// reads is nearer to what programs do with 20,000 files.
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

const PARSE = READ.replace("import os", "import json, os").replace(
  "total ^= zlib.crc32(f.read())",
  "total ^= len(json.loads(f.read())['values'])",
);

const { rounds, python: name, files } = settings({ rounds: 10, files: 20_000 });
const python = pythonAt(name);

/** 4 KB of numbers. */
const text = (index) =>
  JSON.stringify({ values: Array.from({ length: 400 }, (_, at) => ((index * 7919 + at * 104729) % 999983) / 1000) });

function fill(top) {
  for (let index = 0; index < files; index += 1) {
    const folder = join(top, String(Math.floor(index / 500)).padStart(4, "0"));
    if (index % 500 === 0) mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `${index}.json`), text(index));
  }
}

const WORK = { "read.py": "read", "parse.py": "read and parsed" };
const cwd = project({ "read.py": READ, "parse.py": PARSE, ".gitignore": ".reprise/\ndata/\n" });
const places = { "outside the project": join(project({}), "data"), "inside the project": join(cwd, "data") };
for (const [where, data] of Object.entries(places)) {
  fill(data);
  for (const [script, what] of Object.entries(WORK)) {
    const figures = measure(
      [
        { name: `python ${script}`, argv: [python, script, data], cwd },
        { name: `reprise run -- python ${script}`, argv: [REPRISE, "run", "--", python, script, data], cwd },
      ],
      rounds,
    );
    report(`${files} small files ${what}, ${where}`, figures, rounds);
  }
}
