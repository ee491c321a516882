// How long it takes until Reprise runs at all: `reprise --version` beside the bare Node that it runs on.
// Goal on a quiet machine: at most 3.5 times the bare start and 80 ms.
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { measure, NODE, REPRISE, report, settings } from "./rounds.mjs";

const { rounds } = settings({ rounds: 20 });
const main = fileURLToPath(new URL("../bin/reprise.mjs", import.meta.url));
const figures = measure(
  [
    { name: "node -e 0", argv: [NODE, "-e", "0"] },
    { name: "node bin/reprise.mjs --version", argv: [NODE, main, "--version"] },
    { name: "bin/reprise --version", argv: [REPRISE, "--version"], env: { PATH: dirname(NODE) } },
    { name: "bin/reprise --help", argv: [REPRISE, "--help"] },
    { name: "bin/reprise --version by the machine's own PATH", argv: [REPRISE, "--version"] },
  ],
  rounds,
);
report("Start", figures, rounds);
