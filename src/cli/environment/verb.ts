import { face } from "../face.ts";
import type { Define } from "../verb.ts";
import { defineBuild } from "./build.ts";
import { defineCheck } from "./check.ts";
import { defineExample } from "./example.ts";
import { defineExport } from "./export.ts";

export const defineEnv: Define = (context, end) => {
  const command = face(context, "env", "compare, build again and write out the environment of a run", {
    examples: [
      ["reprise env check baseline", "what would differ here and now"],
      ["reprise env build baseline", "the folder of its environment, built again"],
      ["reprise env export baseline --as dockerfile --output docker", "for another tool"],
    ],
    exits: [["0, 1, 6", "see reprise env COMMAND --help"]],
  });
  command.enablePositionalOptions();
  for (const define of [defineCheck, defineBuild, defineExport, defineExample])
    command.addCommand(define(context, end));
  return command;
};
