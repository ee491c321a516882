import { basename } from "node:path";
import { restoreVariables } from "#capture";
import type { RunRecord } from "#record";
import type { Lever } from "./lever.ts";
import type { Home } from "./restore/arrival.ts";
import type { ReplayFolder } from "./restore/folder.ts";

/** Paths that led into the recorded project lead into the restored one: arguments, variables. */
export function movedTo(text: string, from: string, to: string): string {
  return text === from
    ? to
    : text
        .replaceAll(`${from}/`, `${to}/`)
        .replace(new RegExp(`${from.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}(?=$|[:;,"'\\s])`, "g"), () => to);
}

interface Ready {
  readonly argv: readonly string[];
  readonly env: Record<string, string>;
  readonly warnings: readonly string[];
}

/** Programs of the present machine come after those of the recorded one, which may be there as well. */
function searchPath(recorded: string, present: string | undefined): string {
  return [...new Set([...recorded.split(":"), ...(present ?? "").split(":")])].filter((part) => part !== "").join(":");
}

interface ReadyOptions {
  readonly baseline: RunRecord;
  readonly env: Readonly<Record<string, string>>;
  readonly levers?: readonly Lever[];
}

/** `home`: where the recorded user's own folder is in this replay; null: the run was recorded here. */
export function makeReady(options: ReadyOptions, folder: ReplayFolder, key: Uint8Array, home: Home | null): Ready {
  const { baseline, env } = options;
  const from = baseline.command.project;
  const moveProject = (text: string): string => movedTo(text, from, folder.project);
  const move = (text: string): string => {
    const moved = moveProject(text);
    return home === null || moved !== text ? moved : movedTo(text, home.recorded, home.fresh);
  };
  const restored = restoreVariables(baseline.variables, env, home === null ? key : null);
  const variables = Object.fromEntries(
    Object.entries(restored.env).map(([name, value]) => [
      name,
      name === "PATH" || name === "VIRTUAL_ENV" ? value : move(value),
    ]),
  );
  // Who ran it is written into results (getpass.getuser). Names of users are not kept, but a home is called as its user.
  const isNamed = baseline.variables.some(({ name }) => name === "USER" || name === "LOGNAME");
  if (home !== null && (isNamed || home.recorded === "/root")) {
    const user = basename(home.recorded);
    Object.assign(variables, { USER: user, LOGNAME: user });
  }
  if (home !== null) variables["PATH"] = searchPath(variables["PATH"] ?? "", env["PATH"]);
  const names = restored.unknown;
  const warnings = [
    ...(names.length === 0
      ? []
      : [
          `${names.length} environment variable(s) came by name only: ${names.slice(0, 8).join(", ")}${names.length > 8 ? " …" : ""}`,
        ]),
    ...restored.missing.map((name) => `environment variable ${name} was set then and is not now`),
    ...restored.changed.map(
      (name) => `environment variable ${name} has another value now; only a keyed digest of the recorded one was kept`,
    ),
  ];
  const marked = baseline.command.argv.filter((word) => word.includes("<redacted:"));
  if (marked.length > 0)
    warnings.push(`${marked.length} argument(s) hold a secret that was not kept: ${marked.join(" ")}`);
  const levers = options.levers ?? [];
  const argv = [
    ...levers.flatMap((lever) => lever.prefix ?? []),
    ...baseline.command.argv.map((word, i) => (i === 0 ? moveProject(word) : move(word))),
  ];
  for (const lever of levers) Object.assign(variables, lever.env);
  const serial = levers.flatMap((lever) => lever.serial ?? []).join(" ");
  if (serial !== "") variables["REPRISE_SERIAL"] = serial;
  return { argv, env: variables, warnings };
}
