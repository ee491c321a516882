import { readFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { RepriseError } from "#record";
import type { Context } from "./context.ts";
import { shellLine } from "./render/words.ts";

export const isNotebook = (name: string | undefined): name is string => /\.ipynb$/i.test(name ?? "");

const refuse = (message: string, hint: string): RepriseError =>
  new RepriseError("NOTEBOOK_UNUSABLE", "usage", message, hint);

/** The language of a notebook, as it says itself. Throws NOTEBOOK_UNUSABLE for what is none. */
function languageOf(path: string, name: string): string {
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw refuse(`${name} cannot be read as a notebook: ${(error as Error).message}`, `ls -l ${shellLine([name])}`);
  }
  const { cells, metadata } = (parsed ?? {}) as {
    cells?: unknown;
    metadata?: { kernelspec?: { language?: unknown }; language_info?: { name?: unknown } };
  };
  if (!Array.isArray(cells))
    throw refuse(`${name} is no notebook of format 4`, `jupyter nbconvert --to notebook ${name}`);
  const language = metadata?.language_info?.name ?? metadata?.kernelspec?.language ?? "python";
  return typeof language === "string" ? language.toLowerCase() : "python";
}

/**
 * The command that executes a notebook from top to bottom, in the environment of the user's Python and with the kernel of
 * that environment, into NAME.executed.ipynb beside it; the notebook itself is left as it is. It is what is recorded.
 */
export async function notebookCommand(argv: readonly string[], context: Context): Promise<string[]> {
  const [name = "", ...rest] = argv;
  if (rest.length > 0)
    throw refuse(
      `${name} is a notebook, which takes no arguments: ${shellLine(rest)}`,
      `reprise run -- papermill ${shellLine([name])} out.ipynb -p NAME VALUE`,
    );
  const language = languageOf(resolve(context.cwd, name), name);
  if (language !== "python")
    throw refuse(
      `${name} is a notebook of ${language}; only those of Python are run by their name`,
      `reprise run -- jupyter nbconvert --to notebook --execute ${shellLine([name])} --output out.ipynb`,
    );
  const [{ findProgram }, { missingModules }] = await Promise.all([import("#exec"), import("#capture")]);
  const found = ["python", "python3"].find((one) => "path" in findProgram(one, context.env, context.cwd));
  if (found === undefined) throw refuse(`${name} needs Python, and there is no python on PATH`, "command -v python");
  const lacks = await missingModules(found, ["nbconvert", "ipykernel"], context);
  if (lacks.length > 0)
    throw refuse(
      `${name} cannot be executed: the environment of ${found} has no ${lacks.join(" and no ")}`,
      `${found} -m pip install ${lacks.join(" ")}`,
    );
  const executed = `${basename(name).replace(/(\.executed)?\.ipynb$/i, "")}.executed.ipynb`;
  if (join(dirname(name), executed) === join(dirname(name), basename(name)))
    throw refuse(`${name} is what an execution left`, `reprise run -- ${name.replace(/\.executed/i, "")}`);
  const kernel = "--ExecutePreprocessor.kernel_name=python3";
  return [found, "-m", "nbconvert", "--to", "notebook", "--execute", kernel, name, "--output", executed];
}
