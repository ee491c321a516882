import type { Command } from "commander";
import { RepriseError } from "#record";
import { completionScript, SHELLS, type VerbShape } from "../completion.ts";
import type { Context } from "../context.ts";
import { EXIT } from "../exit-codes.ts";
import { face } from "../face.ts";
import type { Define, Verbs } from "../verb.ts";

/** Verbs whose arguments are runs. */
const TAKES_RUNS = ["verify", "why", "compare", "replay", "show", "diff", "rm"];

function shapeOf(name: string, summary: string, command: Command): VerbShape {
  const inside = command.commands;
  const all = [...command.options, ...inside.flatMap((one) => one.options)];
  const options = [...new Map(all.map((option) => [option.flags, option])).values()].map((option) => ({
    flag: option.long ?? option.short ?? "",
    what: option.description,
    folder: /<dir>/.test(option.flags),
    value: option.required,
  }));
  return {
    name,
    summary,
    options: [...options, { flag: "--help", what: "show help", folder: false, value: false }],
    runs: TAKES_RUNS.includes(name),
    words: name === "completions" ? SHELLS : inside.map((one) => one.name()),
  };
}

async function shapes(verbs: Verbs, context: Context): Promise<VerbShape[]> {
  const made: VerbShape[] = [];
  for (const [name, { shown, summary, load }] of Object.entries(verbs)) {
    if (!shown) continue;
    const define = await load();
    made.push(
      shapeOf(
        name,
        summary,
        define(context, () => {}),
      ),
    );
  }
  return made;
}

/** Completions know all verbs; handed in, because one of them is this. */
export const completionsOf =
  (verbs: Verbs): Define =>
  (context, end) =>
    face(context, "completions", "print completions for a shell", {
      examples: [
        ['eval "$(reprise completions bash)"', "in ~/.bashrc"],
        ['eval "$(reprise completions zsh)"', "in ~/.zshrc, after compinit"],
        ["reprise completions fish | source", "in ~/.config/fish/config.fish"],
      ],
      exits: [["0", "printed"]],
    })
      .argument("<shell>", SHELLS.join(", "))
      .action(async (name: string) => {
        const shell = SHELLS.find((known) => known === name);
        if (shell === undefined)
          throw new RepriseError("USAGE", "usage", `no completions for '${name}'`, `there are ${SHELLS.join(", ")}`);
        context.out.raw(Buffer.from(completionScript(shell, await shapes(verbs, context))));
        end(EXIT.ok);
      });
