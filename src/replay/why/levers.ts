import { findProgram } from "#exec";
import type { AgentEvent } from "#record";
import type { Lever } from "../lever.ts";

const LIBRARIES = [
  "OMP",
  "MKL",
  "OPENBLAS",
  "NUMEXPR",
  "BLIS",
  "RAYON",
  "NUMBA",
  "TF",
  "TF_NUM_INTRAOP",
  "TF_NUM_INTEROP",
];

/** The variables by which libraries are told how many threads to use. */
const ONE_THREAD: Readonly<Record<string, string>> = Object.fromEntries(
  LIBRARIES.map((name) => [name.startsWith("TF_") ? `${name}_THREADS` : `${name}_NUM_THREADS`, "1"]),
);

const MACHINE: Partial<Record<string, string>> = { x64: "x86_64", arm64: "aarch64" };

/** The hosts that a run spoke to or looked up, and the first line of the program that did. */
export function networkOf(
  events: readonly AgentEvent[],
): { hosts: string; file: string | null; line: number | null } | null {
  const found = events.flatMap((event) => (event.e === "net" ? [event] : []));
  const place = found.find((event) => event.f !== null);
  if (found.length === 0) return null;
  return {
    hosts: [...new Set(found.map(({ host }) => host))].join(", "),
    file: place?.f ?? null,
    line: place?.l ?? null,
  };
}

/** What servers answer in the first replay is given back in the next ones, and nobody is asked. */
function answersHeld(events: readonly AgentEvent[], folder: string): Lever[] {
  const network = networkOf(events);
  if (network === null) return [];
  return [{ kind: "network", name: `answers of ${network.hosts}`, env: { REPRISE_NET: folder }, isWrittenFirst: true }];
}

/**
 * The interventions that this machine offers against what no record holds: threads, the order in which workers finish, and
 * the order of addresses. Each takes its cause away and changes nothing else that a program may rely on.
 */
export function leversHere(
  env: Readonly<Record<string, string>>,
  events: readonly AgentEvent[],
  folder: string,
): Lever[] {
  const machine = MACHINE[process.arch];
  const still = machine === undefined ? { errno: "ENOENT" } : findProgram("setarch", env, "/");
  return [
    ...answersHeld(events, folder),
    { kind: "worker-order", name: "one worker", env: { LOKY_MAX_CPU_COUNT: "1" }, serial: "workers" },
    { kind: "threads", name: "one thread", env: ONE_THREAD, serial: "threads" },
    ...(machine === undefined || "errno" in still
      ? []
      : [
          {
            kind: "address-order" as const,
            name: "addresses not random",
            env: {},
            prefix: ["setarch", machine, "-R"],
          },
        ]),
  ];
}
