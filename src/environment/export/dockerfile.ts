import { type Container, VENV, WORK } from "./container.ts";
import type { ExportedFile, Written } from "./pins.ts";
import { pipOptions } from "./requirements.ts";

const quoted = (value: string): string => `"${value.replace(/[\\"$]/g, "\\$&")}"`;

const pairs = (keyword: string, values: Readonly<Record<string, string>>): string[] => {
  const entries = Object.entries(values).map(([name, value]) => `${name}=${quoted(value)}`);
  return entries.length === 0 ? [] : [`${keyword} ${entries.join(" \\\n    ")}`];
};

function command({ command: words }: Container): string {
  return `CMD ${JSON.stringify(words)}`;
}

/**
 * Three stages: one builds the packages; `environment` has them, for work in it; the last has the project and the run's
 * command. No stage runs as root.
 */
export function dockerfile(written: Written): ExportedFile {
  const { run, recipe, container, base, lines } = written;
  const git = lines.some(({ text }) => / @ git\+/.test(text));
  const text = [
    "# syntax=docker/dockerfile:1",
    `# The environment of run ${run.id}; requirements.txt lies beside this file.`,
    ...(base.includes("@sha256:")
      ? []
      : ["# The digest of the base image is not known: pin it as IMAGE@sha256:… with --base."]),
    ...recipe.notes.map((note) => `# not here: ${note.replace(/\s+/g, " ")}`),
    `FROM ${base} AS packages`,
    ...(git
      ? [
          "# hadolint ignore=DL3008",
          "RUN apt-get update && apt-get install -y --no-install-recommends git && rm -rf /var/lib/apt/lists/*",
        ]
      : []),
    `RUN python -m venv ${VENV}`,
    "COPY requirements.txt /tmp/requirements.txt",
    `RUN ${VENV}/bin/pip install --no-cache-dir --disable-pip-version-check ${pipOptions(written)} -r /tmp/requirements.txt`,
    "",
    `FROM ${base} AS environment`,
    ...pairs("LABEL", container.labels),
    `COPY --from=packages ${VENV} ${VENV}`,
    ...pairs("ENV", { VIRTUAL_ENV: VENV, ...container.variables }),
    `ENV PATH="${VENV}/bin:$PATH"`,
    "RUN groupadd --gid 1000 trainer && useradd --uid 1000 --gid 1000 --create-home trainer",
    `WORKDIR ${WORK}`,
    "USER 1000:1000",
    "",
    "FROM environment AS run",
    `COPY --chown=trainer:trainer . ${WORK}`,
    ...(container.workdir === WORK ? [] : [`WORKDIR ${container.workdir}`]),
    command(container),
  ];
  return { path: "Dockerfile", text: `${text.join("\n")}\n` };
}
