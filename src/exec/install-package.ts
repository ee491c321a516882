import { spawn } from "node:child_process";

export interface InstallRequest {
  /** The interpreter that the package is for. */
  readonly python: string;
  readonly name: string;
  readonly version: string;
  /** A folder of its own; nothing else is touched. */
  readonly target: string;
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
}

/** Names and versions as packages have them: nothing that pip would read as an option, a path or an address. */
const NAME = /^[A-Za-z0-9][\w.-]*$/;
const VERSION = /^[0-9][\w.!+-]*$/;

/** Puts one version of a package, without what it needs, into a folder. null: done; else why not. */
export function installPackage(request: InstallRequest): Promise<string | null> {
  const { python, name, version, target, env, timeoutMs = 300_000 } = request;
  const wanted = `${name}==${version}`;
  if (!NAME.test(name) || !VERSION.test(version)) return Promise.resolve(`${wanted} is no name of a package`);
  const options = ["--no-deps", "--no-input", "--only-binary", ":all:", "--disable-pip-version-check", "--quiet"];
  const args = ["-I", "-m", "pip", "install", ...options, "--target", target, wanted];
  return new Promise((resolve) => {
    const child = spawn(python, args, { env, cwd: "/", shell: false, stdio: ["ignore", "ignore", "pipe"] });
    let told = "";
    const timer = setTimeout(() => child.kill("SIGKILL"), timeoutMs);
    child.stderr.on("data", (chunk: Buffer) => {
      told = (told + chunk.toString("utf8")).slice(-4096);
    });
    const end = (failure: string | null): void => {
      clearTimeout(timer);
      resolve(failure === null ? null : `pip could not get ${wanted}: ${failure}`);
    };
    child.on("error", (error) => end(error.message));
    child.on("close", (code) => {
      const lines = told.trim().split("\n");
      end(code === 0 ? null : (lines.findLast((line) => line.startsWith("ERROR")) ?? lines.at(-1) ?? `exit ${code}`));
    });
  });
}
