import { stringify } from "yaml";
import { condaChannels, condaSpecs } from "../build/conda.ts";
import type { ExportedFile, Written } from "./pins.ts";

/** Python and what was conda's from channels, the rest by pip. */
export function condaFile({ run, recipe, lines }: Written): ExportedFile {
  const specs = condaSpecs(recipe.packages);
  const channels = condaChannels(recipe.packages);
  const python = specs.some((spec) => spec.startsWith("python=")) ? [] : [`python=${recipe.python.version}`];
  const pip = specs.some((spec) => spec.startsWith("pip=")) ? [] : ["pip"];
  const options = recipe.indexes.map((index) => `--extra-index-url ${index}`);
  const document = {
    name: `run-${run.id.slice(-8)}`,
    channels: channels.length === 0 ? ["conda-forge"] : channels,
    dependencies: [
      ...python,
      ...specs,
      ...(lines.length === 0 ? [] : [...pip, { pip: [...options, ...lines.map((line) => line.text)] }]),
    ],
  };
  const notes = recipe.notes.filter((note) => !note.includes(" is conda's, of "));
  const head = [
    `# The environment of run ${run.id}.`,
    ...notes.map((note) => `# not here: ${note.replace(/\s+/g, " ")}`),
  ];
  return { path: "environment.yml", text: `${head.join("\n")}\n${stringify(document, { lineWidth: 0 })}` };
}
