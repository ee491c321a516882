import { RepriseError } from "#record";
import { type Context, createContext } from "./context.ts";
import { EXIT, exitOfError } from "./exit-codes.ts";
import { nearest } from "./nearest.ts";
import { asRepriseError, errorJson, errorText } from "./render/error.ts";
import { overview } from "./render/overview.ts";
import { SHOWN_VERBS, VERBS } from "./verbs.ts";

/** What commander throws: its own help was shown (exit code 0), or what was typed is wrong. */
interface CommanderEnd {
  readonly code: string;
  readonly exitCode: number;
  readonly message: string;
}

function isCommanderEnd(error: unknown): error is CommanderEnd {
  return (
    error instanceof Error && "code" in error && typeof error.code === "string" && error.code.startsWith("commander.")
  );
}

function wrongUse(verb: string, { message }: CommanderEnd): RepriseError {
  const [first = "", second] = message.replace(/^error: /, "").split("\n");
  const meant = second === undefined ? "" : ` ${second}`;
  return new RepriseError("USAGE", "usage", `${first}${meant}`, `reprise ${verb} --help`);
}

function unknownVerb(name: string): RepriseError {
  if (name.startsWith("-")) return new RepriseError("USAGE", "usage", `unknown option '${name}'`, "reprise --help");
  const meant = nearest(name, SHOWN_VERBS);
  const hint = meant === undefined ? "reprise --help" : `reprise ${meant}`;
  return new RepriseError("COMMAND_UNKNOWN", "usage", `there is no command '${name}'`, hint);
}

/** Options of run that take a value: what follows them is not yet the user's command. */
const VALUED = /^(--seed|--name|--tag|--store|--store-inputs|--deterministic|--measure-seconds|-t)$/;

/** Whether errors are to be JSON: asked before anything is parsed, for the parsing may be what fails. */
function asksForJson(argv: readonly string[]): boolean {
  const [verb, ...words] = argv;
  for (const [i, word] of words.entries()) {
    if (word === "--") return false;
    if (word === "--json") return true;
    if (verb === "run" && !word.startsWith("-") && !VALUED.test(words[i - 1] ?? "")) return false;
  }
  return false;
}

function report(error: unknown, context: Context, json: boolean): number {
  const ours = asRepriseError(error);
  if (json) context.out.raw(Buffer.from(errorJson(ours)));
  else context.err.write(errorText(ours, context.err.colors));
  if (context.env.REPRISE_DEBUG === "1") {
    const trace = ours.cause instanceof Error ? ours.cause.stack : ours.stack;
    context.err.write(`${trace ?? ""}\n`);
  }
  return exitOfError(ours);
}

/** Whoever reads us may go away; nobody needs to hear of it. Anything else that cannot be written is an error. */
function watchStreams(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EPIPE" || error.code === "EIO") return;
      if (stream === process.stdout) process.stderr.write(`reprise: cannot write standard output: ${error.message}\n`);
      process.exitCode = EXIT.storage;
    });
  }
}

async function callVerb(name: string, words: readonly string[], context: Context): Promise<number> {
  const verb = VERBS[name];
  if (verb === undefined || !Object.hasOwn(VERBS, name)) throw unknownVerb(name);
  let code: number = EXIT.ok;
  const define = await verb.load();
  const command = define(context, (end) => {
    code = end;
  });
  try {
    await command.parseAsync([...words], { from: "user" });
  } catch (error) {
    if (!isCommanderEnd(error)) throw error;
    if (error.exitCode !== 0) throw wrongUse(name, error);
  }
  return code;
}

/** Does what the command line says; the exit code. */
export async function program(argv: readonly string[], version: string): Promise<number> {
  watchStreams();
  const context = createContext(version);
  try {
    const [first, second] = argv;
    if (first === undefined) {
      context.err.write(overview());
      return EXIT.usage;
    }
    if (first === "--version" || first === "-V") {
      context.out.write(`reprise ${version}\n`);
      return EXIT.ok;
    }
    if (first === "--help" || first === "-h" || first === "help") {
      if (second !== undefined && first === "help") return await callVerb(second, ["--help"], context);
      context.out.write(overview());
      return EXIT.ok;
    }
    const code = await callVerb(first, argv.slice(1), context);
    return code === EXIT.ok && typeof process.exitCode === "number" ? process.exitCode : code;
  } catch (error) {
    return report(error, context, asksForJson(argv));
  }
}
