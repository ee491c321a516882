import { afterEach, describe, expect, test } from "vitest";
import { knownOr } from "#record";
import { PLANTED } from "../capture/planted.ts";
import { environment, folderProject, gitProject, type Project, PYTHON } from "./project.ts";

let project: Project;
afterEach(() => project.remove());

/** Where in the store, in files or objects, one of these can be read. */
function found(secrets: readonly string[]): string[] {
  const places = [...project.stored()];
  return secrets.flatMap((secret) => {
    const where = places.filter(([, bytes]) => bytes.includes(secret));
    return where.map(([place, bytes]) => {
      const at = bytes.indexOf(secret);
      return `${secret} in ${place}: …${bytes.subarray(Math.max(0, at - 60), at + 40).toString("latin1")}`;
    });
  });
}

const LINES = `${PLANTED.map(({ line }) => line).join("\n")}\n`;
const SECRETS = PLANTED.map(({ secret }) => secret);

describe("no byte of the store holds a secret", () => {
  test("that lies in an untracked file, in changes, staged or not, or in the address of the remote", async () => {
    project = gitProject({ "x.py": "print(1)\n", "settings.txt": "a\n", "staged.txt": "a\n" });
    project.put({ "new.txt": LINES, "new.yaml": LINES, "settings.txt": LINES, "staged.txt": LINES });
    project.git("add", "staged.txt");
    project.git("remote", "add", "origin", "https://bob:ghs_remoteRemote0123@git.example.org/a/b.git");
    const record = await project.run([PYTHON, "x.py"]);
    expect(record.code).toMatchObject({
      kind: "git",
      remote: "https://git.example.org/a/b.git",
      diff: { redacted: expect.any(Number) as number },
    });
    expect(found([...SECRETS, "ghs_remoteRemote0123"])).toEqual([]);
  });

  test("that lies in the files of a folder without a repository", async () => {
    project = folderProject({ "x.py": `print(1)\n`, "conf.yaml": LINES, "conf.toml": LINES, "notes.md": LINES });
    await project.run([PYTHON, "x.py"]);
    expect(found(SECRETS)).toEqual([]);
  });

  test("that the program prints, however it is cut into writes, or leaves in a file, or reads", async () => {
    const source = `import os, sys, time
lines = open("in.dat").read()
for start in range(0, len(lines), 7):
    sys.stdout.write(lines[start : start + 7]); sys.stdout.flush()
os.write(2, lines.encode())
open("out.dat", "w").write(lines)
open("kept.dat", "a").write(lines)
open("old.dat", "w").write("new")
`;
    project = gitProject({ "x.py": source, ".gitignore": "*.dat\n" });
    project.put({ "in.dat": LINES, "kept.dat": LINES, "old.dat": LINES });
    const record = await project.run([PYTHON, "x.py"]);
    expect(record.stdout).toMatchObject({ redacted: expect.any(Number) as number });
    expect(record.status).toBe("completed");
    expect(knownOr(record.outputs, []).map((file) => [file.path, file.stored])).toEqual([
      ["kept.dat", false],
      ["old.dat", true],
      ["out.dat", false],
    ]);
    expect(found(SECRETS)).toEqual([]);
  });

  test("that is the value of a variable, wherever the program puts it", async () => {
    const source = `import os, subprocess, sys
value = os.environ["MY_API_KEY"]
print("key", value, f"<{value}>")
print(f"{value}=0.5")
open("out.txt", "w").write(value)
subprocess.run([sys.executable, "-c", "print(1)", value])
raise SystemExit(value)
`;
    project = gitProject({ "x.py": source });
    const record = await project.run([PYTHON, "x.py"], {
      env: { ...environment(), MY_API_KEY: "kiwi-banana-7-mango" },
    });
    expect(record.exitCode).toBe(1);
    expect(found(["kiwi-banana-7-mango"])).toEqual([]);
  });

  test("that stands in an argument, also where the program prints its arguments or hands them on", async () => {
    const source = `import subprocess, sys
print(sys.argv)
print(*sys.argv)
print("got", sys.argv[2], sys.argv[4].split("=")[1])
subprocess.run([sys.executable, "-c", "import sys; print(sys.argv[1:])", *sys.argv[1:]])
`;
    project = gitProject({ "x.py": source });
    const secrets = ["correct-horse-9", "zq81-battery", "s3cr3tstaple", "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"];
    const argv = [
      "--password",
      "correct-horse-9",
      "--api-key=zq81-battery",
      "db.password=s3cr3tstaple",
      "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",
    ];
    const record = await project.run([PYTHON, "x.py", ...argv, "--use_cls_token", "yes"], { name: "named" });
    expect(record.command.argv.join(" ")).toMatch(
      /--password <redacted:[a-z-]+:\d+> --api-key=<redacted:\S+ db\.password=<redacted:\S+ <redacted:\S+ --use_cls_token yes$/,
    );
    expect(found(secrets)).toEqual([]);
  });

  test("the program itself has the true values", async () => {
    project = gitProject({
      "x.py":
        "import os, sys\nsys.exit(sys.argv[2] != 'correct-horse-9' or os.environ['MY_API_KEY'] != 'kiwi-banana-7')",
    });
    const record = await project.run([PYTHON, "x.py", "--password", "correct-horse-9"], {
      env: { ...environment(), MY_API_KEY: "kiwi-banana-7" },
    });
    expect(record.exitCode).toBe(0);
  });
});
