import { expect, test } from "vitest";
import { takenFromA } from "#diagnose";

test.each([
  [{ kind: "code", name: "fit.py", file: "fit.py", a: "rate = 0.9" }, "rate = 0.9"],
  [{ kind: "code", name: "fit.py", file: "fit.py", a: null }, "fit.py: leave this out, as run A had it"],
  [{ kind: "package-version", name: "numpy", file: null, a: "1.26.4" }, "pip install numpy==1.26.4"],
  [{ kind: "package-version", name: "numpy", file: null, a: null }, "pip uninstall numpy"],
  [{ kind: "environment-variable", name: "MODE", file: null, a: "fast run" }, "MODE='fast run'"],
  [{ kind: "threads", name: "OMP_NUM_THREADS", file: null, a: null }, "unset OMP_NUM_THREADS"],
  [{ kind: "data-content", name: "train.csv row 17", file: "train.csv", a: "1,2" }, "take train.csv from run A"],
  [{ kind: "seed", name: "seed", file: null, a: "42" }, "reprise run --seed 42 -- …"],
  [{ kind: "seed", name: "--seed split", file: "a.py", a: "7" }, "reprise run --seed split=7 -- …"],
  [{ kind: "listing-order", name: "os.listdir", file: "a.py", a: null }, ""],
] as const)("what brings A's results back: %o", (cause, text) => {
  expect(takenFromA(cause)).toBe(text);
});
