// Which Pythons this machine has. pyenv's shims answer for versions that are not switched on, so each is asked.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

const ASK = "import sys; print('%d.%d' % sys.version_info[:2]); print(sys.executable)";

/** { version: "3.11", path } of a command, or null when it is no working Python. */
function ask(command) {
  const child = spawnSync(command, ["-c", ASK], { encoding: "utf8", timeout: 20_000 });
  if (child.status !== 0) return null;
  const [version, path] = child.stdout.trim().split("\n");
  return { version, path };
}

function pyenvRoot() {
  const child = spawnSync("pyenv", ["root"], { encoding: "utf8" });
  return child.status === 0 ? child.stdout.trim() : (process.env.PYENV_ROOT ?? join(homedir(), ".pyenv"));
}

const patch = (name) => Number(name.split(".")[2] ?? 0);

/** Interpreters below pyenv's folder, newest patch first, as { "3.11": [path…] }. */
function underPyenv() {
  const versions = join(pyenvRoot(), "versions");
  const found = {};
  if (!existsSync(versions)) return found;
  const names = readdirSync(versions).filter((name) => /^3\.\d+\.\d+$/.test(name));
  for (const name of names.sort((a, b) => patch(b) - patch(a))) {
    const minor = name.split(".").slice(0, 2).join(".");
    found[minor] ??= [];
    found[minor].push(join(versions, name, "bin/python"));
  }
  return found;
}

/** For each version asked for: its interpreter's path, or null. */
export function findPythons(versions) {
  const pyenv = underPyenv();
  return versions.map((version) => {
    for (const command of [...(pyenv[version] ?? []), `python${version}`, "python3"]) {
      const python = ask(command);
      if (python?.version === version) return { version, path: python.path };
    }
    return { version, path: null };
  });
}

/** The Python that environments are made with: the user's own python3 if it is new enough, else any that is. */
export function findNewPython() {
  const newEnough = (python) => python !== null && Number(python.version.split(".")[1]) >= 10;
  const own = ask("python3");
  if (newEnough(own)) return own.path;
  const other = findPythons(["3.12", "3.13", "3.11", "3.10", "3.14"]).find(({ path }) => path !== null);
  return other?.path ?? null;
}
