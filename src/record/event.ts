/**
 * What an agent inside a user's process writes, one JSON object a line (docs/format/events.md, schema/events.json).
 * `f`/`l` are file and line of the nearest user's frame; `n` the how-many-th call at that place, from 0.
 */
export interface HelloEvent {
  readonly e: "hello";
  /** Version of the format, 1 by now. An agent of a later one may write more, never less. */
  readonly v: number;
  readonly pid: number;
  readonly ppid: number;
  /** Key of the process in the tree: "0" for the main one, "0/SpawnProcess-1" … Stable over replays. */
  readonly proc: string;
  readonly lang: "python" | "node";
  readonly version: string;
  readonly impl: string;
  readonly exe: string;
  readonly prefix: string;
  readonly base: string;
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly path: readonly string[];
  /** Seconds since the epoch. */
  readonly t: number;
}

export type AgentEvent =
  | HelloEvent
  | { readonly e: "fork"; readonly pid: number; readonly ppid: number; readonly proc: string; readonly t: number }
  | { readonly e: "read"; readonly p: string }
  | {
      readonly e: "write";
      readonly p: string;
      readonly m: string;
      readonly existed: boolean;
      readonly kept?: string;
      readonly lost?: string;
    }
  | { readonly e: "remove"; readonly p: string; readonly kept?: string; readonly lost?: string }
  | {
      readonly e: "rename";
      readonly p: string;
      readonly to: string;
      readonly existed: boolean;
      readonly kept?: string;
      readonly lost?: string;
    }
  | {
      readonly e: "list";
      readonly name: string;
      readonly p: string;
      readonly f: string;
      readonly l: number;
      readonly n: number;
      readonly names?: readonly string[];
      readonly proc?: string;
      readonly count: number;
    }
  | {
      readonly e: "gen";
      readonly name: string;
      readonly f: string | null;
      readonly l: number | null;
      readonly n: number;
      readonly key: string;
    }
  | { readonly e: "seeded"; readonly name: string }
  | {
      readonly e: "own";
      readonly name: string;
      readonly f: string | null;
      readonly l: number | null;
      readonly value: string;
    }
  | {
      readonly e: "val";
      readonly kind: "clock" | "os-entropy" | "process-id";
      readonly name: string;
      readonly f: string;
      readonly l: number;
      readonly n: number;
      readonly v: string;
      /** Key of the process: added when the value is given back to a replay, not written by agents. */
      readonly proc?: string;
      /** Only in the line a busy place (1000 calls and more) gets at the end: how many calls there were; `v` is empty. */
      readonly count?: number;
    }
  | {
      readonly e: "net";
      readonly name: string;
      readonly host: string;
      readonly f: string | null;
      readonly l: number | null;
    }
  | { readonly e: "spawn"; readonly argv: readonly string[]; readonly f: string | null; readonly l: number | null }
  | {
      readonly e: "drawn";
      readonly name: string;
      readonly f: string | null;
      readonly l: number | null;
      readonly how: "seen" | "source";
    }
  /** An id that library code drew (uuid), 32 hex digits: at most 1000 a process. */
  | { readonly e: "id"; readonly v: string }
  /** A cell of a notebook has run: the how-many-th input of its kernel, the SHA-256 of its text, what it raised. */
  | { readonly e: "cell"; readonly n: number; readonly code: string; readonly error?: string }
  /** Under `REPRISE_SERIAL`: here the program asked for more than the one worker that it got. */
  | { readonly e: "serial"; readonly name: string; readonly f: string; readonly l: number }
  /** A lever of the determinism policy: `kept` is what the user had set already. */
  | {
      readonly e: "policy";
      readonly lever: string;
      readonly state: "set" | "kept" | "failed";
      readonly what: string;
      readonly why: string | null;
    }
  /** Once for each place: an operator without a deterministic implementation ran, or a switch was set back. */
  | {
      readonly e: "violation";
      readonly kind: "operator" | "flipped";
      readonly lever: string;
      readonly name: string;
      readonly f: string | null;
      readonly l: number | null;
    }
  /** Optimizer steps so far, and the time that one in ten of them stays below. The last line counts. */
  | { readonly e: "pace"; readonly steps: number; readonly seconds: number }
  /** What one training step left behind, as 64-bit fingerprints of channels that are kept apart. */
  | {
      readonly e: "step";
      /** The how-many-th step of that `of` in its process, from 0; -1: the state in which it enters its first step. */
      readonly n: number;
      /** Framework, such as "torch", "keras", "xgboost", "sklearn". */
      readonly kind: string;
      /** Which optimizer, model or booster of the process, in the order of first steps, and its class: "0:Adam". */
      readonly of: string;
      readonly f: string | null;
      readonly l: number | null;
      /** Channel to 16 hex digits. A channel that is not there, or of which a part could not be read, is left out. */
      readonly c: Readonly<Record<string, string>>;
    }
  /** A number that the program gave to its own logger: once for each logger that carries it. */
  | {
      readonly e: "metric";
      /** The logger: "mlflow", "wandb", "tensorboard" … */
      readonly src: string;
      readonly name: string;
      /** As the program gave it; null where it gave none. */
      readonly step: number | null;
      /** A number; NaN and infinities as text, for JSON has none. null: only `count` is said. */
      readonly value: number | "NaN" | "Infinity" | "-Infinity" | null;
      /** Which run or writer of that logger, from 0, in the order of their first lines; left out: 0. */
      readonly run?: number;
      /** Only at the end of a series with more than 100,000 points: how many there were. */
      readonly count?: number;
      /** With `count`: SHA-256 of the steps and values behind the first 100,000, the first of which is still written. */
      readonly rest?: string;
    }
  /** A parameter that the program gave to its own logger, or that a parser of options or configurations gave to it. */
  | {
      readonly e: "param";
      readonly src: string;
      readonly name: string;
      readonly value: string;
      readonly run?: number;
      /** How it got its value: "command line", "default", "environment LR", "file .env", "call" … */
      readonly from?: string;
    }
  /** A named seed was asked for (`reprise.seed("split")`). */
  | {
      readonly e: "seed";
      readonly name: string;
      readonly value: number;
      /** Given by `--seed split=7`; else it follows from the root. */
      readonly declared: boolean;
      /** Site of its stream: "seed:split". */
      readonly key: string;
      readonly f: string | null;
      readonly l: number | null;
    }
  /** What the program says it is to show (`reprise.claim`). */
  | { readonly e: "claim"; readonly text: string; readonly f: string | null; readonly l: number | null }
  /** Predictions for fixed inputs (`reprise.reference`): the name of their .npy file in the folder of events, or why there is none. */
  | {
      readonly e: "reference";
      readonly name: string;
      readonly inputs: string | null;
      readonly f: string | null;
      readonly l: number | null;
      readonly kept?: string;
      readonly lost?: string;
    }
  /** The program says that it has written a checkpoint (`reprise.checkpoint`). */
  | {
      readonly e: "checkpoint";
      readonly p: string;
      readonly step: number | null;
      readonly f: string | null;
      readonly l: number | null;
    }
  /** With `REPRISE_CHECKPOINTS`: a checkpoint is about to be written, or about to get its name. */
  | {
      readonly e: "saved";
      readonly p: string;
      readonly how: "open" | "rename";
      /** Whether something lay there under this name. */
      readonly existed: boolean;
      /** Steps that the process had made by then. */
      readonly steps: number;
      /** The how-many-th such line of the process, from 0. */
      readonly n: number;
      readonly f: string | null;
      readonly l: number | null;
      /** States of the global generators. */
      readonly c: Readonly<Record<string, string>>;
    }
  /** With `REPRISE_HALT`: here the process ends itself, or waits to be ended with its family. */
  | { readonly e: "halt"; readonly steps: number; readonly signal: string }
  /** With `REPRISE_PUT`: these generators were given a recorded state. */
  | { readonly e: "putback"; readonly when: "loaded" | "passed"; readonly names: readonly string[] }
  | { readonly e: "fault"; readonly what: string; readonly why: string }
  | {
      readonly e: "end";
      readonly how: "atexit" | "os._exit" | "signal";
      /** Top-level and submodule files: [module name, file]. */
      readonly modules: readonly (readonly [string, string])[];
      /** Paths from /proc/self/maps: shared libraries and mapped data files. */
      readonly maps: readonly string[];
      readonly frameworks: Readonly<Record<string, string>>;
    };
