import { stringify } from "yaml";
import { knownOr } from "#record";
import { normalName } from "../name.ts";
import { VENV, WORK } from "./container.ts";
import type { ExportedFile, Written } from "./pins.ts";

type Service = Readonly<Record<string, unknown>>;

/** The server of the tracker that the environment has; the first of these. */
function tracking(has: (name: string) => boolean): Service | null {
  if (has("mlflow"))
    return {
      command: ["mlflow", "server", "--host", "0.0.0.0", "--port", "5000", "--backend-store-uri", `${WORK}/mlruns`],
      ports: ["127.0.0.1:5000:5000"],
    };
  if (has("tensorboard"))
    return { command: ["tensorboard", "--logdir", WORK, "--host", "0.0.0.0"], ports: ["127.0.0.1:6006:6006"] };
  return null;
}

function notebook(has: (name: string) => boolean): Service | null {
  const program = has("jupyterlab") ? "lab" : has("notebook") ? "notebook" : null;
  if (program === null) return null;
  return { command: ["jupyter", program, "--ip", "0.0.0.0", "--no-browser"], ports: ["127.0.0.1:8888:8888"] };
}

/** Compose puts variables of its own in the place of $NAME. */
const literal = (text: string): string => text.replaceAll("$", "$$$$");

/** `docker compose run train`; the servers of what the environment has beside it, reachable from this machine alone. */
export function composeFile({ run, recipe, container }: Written): ExportedFile {
  const names = new Set(recipe.packages.map(({ name }) => normalName(name)));
  const has = (name: string): boolean => names.has(name);
  const work = { volumes: [{ type: "bind", source: ".", target: WORK }] };
  const gpus = container.gpus
    ? {
        deploy: {
          resources: { reservations: { devices: [{ driver: "nvidia", count: "all", capabilities: ["gpu"] }] } },
        },
      }
    : {};
  const image = (target: string): Service => ({
    build: { context: ".", dockerfile: "Dockerfile", target },
    image: `run-${run.id.slice(-8)}:${target}`,
  });
  const beside = (service: Service | null, profile: string): Service | null =>
    service === null ? null : { ...image("environment"), ...service, ...work, profiles: [profile] };
  const services = Object.entries({
    train: {
      ...image("run"),
      command: container.command.map(literal),
      working_dir: literal(container.workdir),
      environment: Object.fromEntries(
        Object.entries(container.variables).map(([name, value]) => [name, literal(value)]),
      ),
      env_file: [{ path: ".env", required: false }],
      ...work,
      ...gpus,
    },
    tracking: beside(tracking(has), "tracking"),
    notebook: beside(notebook(has), "notebook"),
  }).filter(([, service]) => service !== null);
  const document = { name: `run-${run.id.slice(-8)}`, services: Object.fromEntries(services) };
  return {
    path: "compose.yaml",
    text: `# The environment of run ${run.id}.\n${stringify(document, { lineWidth: 0 })}`,
  };
}

export function devcontainerFile({ run, recipe, container }: Written): ExportedFile {
  const python = knownOr(run.environment.python, null);
  const document = {
    name: `run ${run.id.slice(-8)}, Python ${python?.version ?? recipe.python.version}`,
    build: { dockerfile: "../Dockerfile", context: "..", target: "environment" },
    remoteUser: "trainer",
    containerEnv: container.variables,
    ...(container.gpus ? { hostRequirements: { gpu: true }, runArgs: ["--gpus", "all"] } : {}),
    customizations: { vscode: { settings: { "python.defaultInterpreterPath": `${VENV}/bin/python` } } },
  };
  return { path: ".devcontainer/devcontainer.json", text: `${JSON.stringify(document, null, 2)}\n` };
}
