import { RepriseError } from "#record";
import { createOutput, type Output } from "./output.ts";

/** What a command may know of the process that it runs in. The one place where the environment is read. */
export interface Context {
  readonly version: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly out: Output;
  readonly err: Output;
}

function workingFolder(): string {
  try {
    return process.cwd();
  } catch (error) {
    throw new RepriseError(
      "CWD_GONE",
      "missing",
      "the working folder is not there any more",
      "cd to a folder that is",
      { cause: error },
    );
  }
}

export function createContext(version: string): Context {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) if (value !== undefined) env[name] = value;
  return {
    version,
    get cwd() {
      return workingFolder();
    },
    env,
    out: createOutput(process.stdout, env),
    err: createOutput(process.stderr, env),
  };
}

export function writeJson(context: Context, document: unknown): void {
  context.out.raw(Buffer.from(`${JSON.stringify(document, null, 2)}\n`));
}
