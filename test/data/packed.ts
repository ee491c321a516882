import { execFileSync } from "node:child_process";
import { PYTHON } from "./pandas.ts";

const pack = (script: string, text: string): Buffer =>
  execFileSync(PYTHON, ["-c", `import sys; data = sys.stdin.buffer.read()\n${script}`], {
    input: text,
    maxBuffer: 1 << 28,
  });

export const bzip2Sync = (text: string): Buffer =>
  pack("import bz2; sys.stdout.buffer.write(bz2.compress(data, 1))", text);

export const zipSync = (name: string, text: string): Buffer =>
  pack(
    `import io, zipfile
out = io.BytesIO()
with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive: archive.writestr(${JSON.stringify(name)}, data)
sys.stdout.buffer.write(out.getvalue())`,
    text,
  );
