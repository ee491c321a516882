import type { RunRecord } from "#record";

/** How the user says that a run is resumed. */
export type ResumeBy =
  | { readonly by: "same" }
  | { readonly by: "arguments"; readonly text: string }
  | { readonly by: "command"; readonly text: string };

const quoted = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`);

/** The command of the second part. A line is a shell's; `{checkpoint}` in it is the path of the checkpoint. */
export function resumeCommand({ command }: RunRecord, resume: ResumeBy, checkpoint: string): readonly string[] {
  if (resume.by === "same") return command.argv;
  const line = resume.text.replaceAll("{checkpoint}", quoted(checkpoint));
  return ["/bin/sh", "-c", resume.by === "command" ? line : `exec ${command.argv.map(quoted).join(" ")} ${line}`];
}

const OPTION = /["'](--(?:[\w-]*resume[\w-]*|ckpt[\w-]*|checkpoint[\w-]*|init[_-]from|load[\w-]*))["']/g;

/** Options of the program's own parser that sound like it: shown, never guessed to be right. */
export function resumeOptions(source: string): string[] {
  return [...new Set([...source.matchAll(OPTION)].map((found) => found[1] ?? ""))].slice(0, 4);
}
