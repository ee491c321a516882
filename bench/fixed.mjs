// What `reprise run` adds to a program that does nothing. Goal: at most 150 ms.
import { measure, project, pythonAt, REPRISE, report, settings } from "./rounds.mjs";

const { rounds, python: name } = settings({ rounds: 20 });
const python = pythonAt(name);
const cwd = project({ "empty.py": "", ".gitignore": ".reprise/\n" });
const figures = measure(
  [
    { name: "python empty.py", argv: [python, "empty.py"], cwd },
    { name: "reprise run -- python empty.py", argv: [REPRISE, "run", "--", python, "empty.py"], cwd },
    {
      name: "reprise run --seed off -- python empty.py",
      argv: [REPRISE, "run", "--seed", "off", "--", python, "empty.py"],
      cwd,
    },
    { name: "reprise run -- python -I empty.py", argv: [REPRISE, "run", "--", python, "-I", "empty.py"], cwd },
  ],
  rounds,
);
report("Fixed overhead on an empty script", figures, rounds);
