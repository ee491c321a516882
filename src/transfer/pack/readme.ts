import { isUnknown, type RunRecord } from "#record";
import type { Manifest } from "../manifest.ts";

/** Lays the pack out as files with nothing but Python: for whoever has no Reprise. */
const LAY_OUT = `import json, pathlib, shutil
manifest = json.load(open("manifest.json"))
record = json.load(open("record.json"))
def lay(folder, path, digest):
    source = pathlib.Path("objects", digest[7:9], digest[9:])
    target = pathlib.Path(folder, path.lstrip("/"))
    if source.exists() and ".." not in target.parts:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
code = manifest["code"]["snapshot"] if manifest["code"] else record["code"]
for file in code.get("files", []):
    if file["stored"]: lay("code", file["path"], file["digest"])
for kind in "inputs", "outputs":
    for file in record[kind] if isinstance(record[kind], list) else []:
        if isinstance(file["digest"], str): lay(kind, file["path"], file["digest"])
for kind in "stdout", "stderr":
    if "digest" in record[kind]: lay(".", kind + ".txt", record[kind]["digest"])`;

/** What a reader without Reprise needs to know. */
export function readme(record: RunRecord, { left }: Pick<Manifest, "left">, version: string): string {
  const python = isUnknown(record.environment.python) ? "unknown" : record.environment.python.version;
  const { os, cpu } = record.hardware;
  const missing = left.map(({ path, why }) => `- ${path}: ${why}`);
  return `# A recorded run

    ${record.command.argv.join(" ")}

Run ${record.id}${record.name === null ? "" : ` (${record.name})`}, ${record.startedAt}, ${record.status}, by Python ${python} on ${os}, ${cpu.model}.

With Reprise (reprise ${version} or newer):

    reprise unpack THIS-FILE
    reprise verify ${record.id}

What is in it:

- \`record.json\`: everything that was recorded of the run, with the names of its files and their SHA-256
- \`objects/ab/cdef…\`: the bytes of files (code, data, results, output), each under its SHA-256
- \`manifest.json\`: what is in the pack, and the code as a list of files
- \`environment.json\`, \`requirements.txt\`: the interpreter and the packages

Without Reprise, in the folder where this was unpacked, this lays the files out under \`code\`, \`inputs\` and \`outputs\`:

\`\`\`python
${LAY_OUT}
\`\`\`

Not in it:
${missing.length === 0 ? "nothing that the run is known to need" : missing.join("\n")}
`;
}
