import { Command, Help as CommanderHelp, type Option } from "commander";
import type { Context } from "./context.ts";

export interface Help {
  readonly examples: readonly (readonly [command: string, what: string])[];
  /** Codes and what they mean for this command; those of errors are the same for all (docs/errors.md). */
  readonly exits: readonly (readonly [code: string, meaning: string])[];
  /** Said between the options and the examples. */
  readonly notes?: readonly string[];
}

function columns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => (right === "" ? `  ${left}` : `  ${left.padEnd(width)}  ${right}`)).join("\n");
}

function after({ examples, exits, notes = [] }: Help): string {
  const errors: [string, string] = [
    "2, 4, 5, 6, 70",
    "wrong use, storage, configuration, no such run, a fault of ours (docs/errors.md)",
  ];
  const said = notes.length === 0 ? "" : `\n${notes.join("\n")}\n`;
  return `${said}\nExamples:\n${columns(examples)}\n\nExit codes:\n${columns([...exits, errors])}`;
}

/** As commander says it, without a default that is an empty list: that one was not given says nothing. */
const describe = (option: Option): string => COMMANDER.optionDescription(option).replace(/ ?\(default: \[\]\)$/, "");
const COMMANDER = new CommanderHelp();

/** A command with everything that all commands have: help with examples and exit codes, errors that are thrown. */
export function face(context: Context, name: string, summary: string, help: Help): Command {
  const width = Number.isFinite(context.out.columns) ? Math.min(context.out.columns, 100) : 80;
  return new Command(`reprise ${name}`)
    .description(`${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`)
    .helpOption("-h, --help", "show this help")
    .addHelpText("after", after(help))
    .configureOutput({
      writeOut: (text) => context.out.write(text),
      // Errors are thrown to main, which words all of them alike.
      writeErr: () => {},
      outputError: () => {},
      getOutHelpWidth: () => width,
      getOutHasColors: () => false,
    })
    .configureHelp({ optionDescription: describe })
    .exitOverride();
}
