import { RepriseError } from "#record";
import { runProgram } from "../program.ts";

const ASK = "import importlib.util as u, sys; print(*[m for m in sys.argv[1:] if u.find_spec(m) is None])";

/** Which modules a Python cannot import, by name; none of them is imported. Throws PYTHON_UNUSABLE when it cannot say. */
export async function missingModules(
  python: string,
  modules: readonly string[],
  options: { readonly cwd: string; readonly env: Readonly<Record<string, string>> },
): Promise<string[]> {
  const asked = await runProgram(python, ["-c", ASK, ...modules], { ...options, timeoutMs: 30_000 });
  if (asked.code !== 0)
    throw new RepriseError(
      "PYTHON_UNUSABLE",
      "usage",
      `${python} did not say which modules it has: ${asked.failure ?? asked.stderr.trim().split("\n").at(-1) ?? ""}`,
      `${python} -c "import sys; print(sys.version)"`,
    );
  return asked.stdout
    .toString()
    .split(/\s+/)
    .filter((name) => name !== "");
}
