import type { CauseKind } from "#record";
import { quoted } from "./shell.ts";

interface Taken {
  readonly kind: CauseKind;
  readonly name: string;
  readonly file: string | null;
  /** What run A had; null: nothing. */
  readonly a: string | null;
}

/** What brings A's results back to B, to paste or to type; "" where the records do not say. */
export function takenFromA({ kind, name, file, a }: Taken): string {
  switch (kind) {
    case "code":
      return a === null || a === "" ? `${file ?? name}: leave this out, as run A had it` : a;
    case "config":
      return a === null ? `leave out ${name}` : a.startsWith("-") || a.includes(name) ? a : `${name} ${a}`;
    case "package-version":
      return a === null ? `pip uninstall ${name}` : `pip install ${quoted(`${name}==${a}`)}`;
    case "environment-variable":
    case "threads":
    case "hardware":
      return a === null ? `unset ${name}` : `${name}=${quoted(a)}`;
    case "seed":
      // Its name is what was typed: "--seed", or "--seed split" for one by its name.
      return a === null
        ? ""
        : `reprise run --seed ${name.startsWith("--seed ") ? `${name.slice(7)}=` : ""}${quoted(a)} -- …`;
    case "data-content":
    case "data-order":
      return `take ${file ?? name} from run A`;
    default:
      return "";
  }
}
