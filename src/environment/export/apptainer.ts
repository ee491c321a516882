import { VENV, WORK } from "./container.ts";
import type { ExportedFile, Written } from "./pins.ts";
import { pipOptions } from "./requirements.ts";

const shell = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`);

/** A definition for `apptainer build`; the project is bound to /work when it runs. */
export function apptainerFile(written: Written): ExportedFile {
  const { run, container, base, recipe, lines } = written;
  const git = lines.some(({ text }) => / @ git\+/.test(text));
  const text = [
    "Bootstrap: docker",
    `From: ${base}`,
    "",
    "%files",
    "    requirements.txt /opt/requirements.txt",
    "",
    "%post",
    ...(git ? ["    apt-get update && apt-get install -y --no-install-recommends git"] : []),
    `    python -m venv ${VENV}`,
    `    ${VENV}/bin/pip install --no-cache-dir --disable-pip-version-check ${pipOptions(written)} -r /opt/requirements.txt`,
    `    mkdir -p ${WORK}`,
    "",
    "%environment",
    `    export VIRTUAL_ENV=${VENV}`,
    `    export PATH=${VENV}/bin:$PATH`,
    ...Object.entries(container.variables).map(([name, value]) => `    export ${name}=${shell(value)}`),
    "",
    "%labels",
    ...Object.entries(container.labels).map(([name, value]) => `    ${name} ${value}`),
    "",
    "%runscript",
    `    cd ${shell(container.workdir)}`,
    `    exec ${container.command.map(shell).join(" ")} "$@"`,
    "",
    "%help",
    `    The environment of run ${run.id}; build it where requirements.txt lies, and run it with --bind .:${WORK}`,
    ...recipe.notes.map((note) => `    not here: ${note.replace(/\s+/g, " ")}`),
  ];
  return { path: "apptainer.def", text: `${text.join("\n")}\n` };
}
