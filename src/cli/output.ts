import picocolors from "picocolors";
import { toAscii } from "./render/ascii.ts";
import { guarded } from "./render/escape.ts";

type Env = Readonly<Record<string, string>>;
type Stream = NodeJS.WriteStream & { readonly columns?: number };

export type Colors = ReturnType<typeof picocolors.createColors>;

/** One of our two streams, and what may be written to it. */
export interface Output {
  readonly tty: boolean;
  /** Infinity in a pipe: nothing is cut there. */
  readonly columns: number;
  readonly colors: Colors;
  write(text: string): void;
  /** As it is: no symbol is replaced. */
  raw(bytes: Uint8Array): void;
}

const NARROWEST = 40;

/** FORCE_COLOR, then NO_COLOR (no-color.org), then whether somebody looks. */
export function wantsColor(env: Env, tty: boolean): boolean {
  const forced = env.FORCE_COLOR;
  if (forced !== undefined && forced !== "") return forced !== "0" && forced !== "false";
  if (env.NO_COLOR !== undefined && env.NO_COLOR !== "") return false;
  return tty && env.TERM !== "dumb";
}

/** A locale that says C, POSIX or a character set that is not UTF-8; one that says nothing is taken for a modern one. */
export function wantsAscii(env: Env): boolean {
  const locale = [env.LC_ALL, env.LC_CTYPE, env.LANG].find((value) => value !== undefined && value !== "");
  if (locale === undefined) return false;
  if (locale === "C" || locale === "POSIX") return true;
  const charset = /\.([^@]+)/.exec(locale)?.[1];
  return charset !== undefined && !/^utf-?8$/i.test(charset);
}

function columnsOf(env: Env, stream: Stream): number {
  const told = Number(env.COLUMNS);
  if (stream.isTTY) return Math.max(NARROWEST, stream.columns > 0 ? stream.columns : told > 0 ? told : 80);
  return told > 0 ? Math.max(NARROWEST, told) : Number.POSITIVE_INFINITY;
}

export function createOutput(stream: Stream, env: Env): Output {
  const ascii = wantsAscii(env);
  // In a pipe Node leaves it out, whatever its type says.
  const tty = (stream.isTTY as boolean | undefined) === true;
  return {
    tty,
    get columns() {
      return columnsOf(env, stream);
    },
    colors: picocolors.createColors(wantsColor(env, tty)),
    write: (text) => {
      const harmless = guarded(text);
      stream.write(ascii ? toAscii(harmless) : harmless);
    },
    raw: (bytes) => {
      stream.write(bytes);
    },
  };
}
