import { findProgram } from "#exec";
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

/**
 * The interventions that this machine offers against what no record holds: threads, the order in which workers finish, and
 * the order of addresses. Each takes its cause away and changes nothing else that a program may rely on.
 */
export function leversHere(env: Readonly<Record<string, string>>): Lever[] {
  const machine = MACHINE[process.arch];
  const still = machine === undefined ? { errno: "ENOENT" } : findProgram("setarch", env, "/");
  return [
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
