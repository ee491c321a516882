import { queryGpus, readHardware } from "#capture";
import { type HardwareFacts, isUnknown, type Known, type RunRecord } from "#record";

type Env = Readonly<Record<string, string>>;

/** One fact of the machine, or one variable, then and now. */
export interface FactCompared {
  readonly name: string;
  readonly recorded: string;
  readonly present: string;
  readonly state: "equal" | "other" | "unknown";
}

const said = <T>(value: Known<T>, say: (known: T) => string): string | null => (isUnknown(value) ? null : say(value));

function factsOf({ os, libc, cpu, gpus, locale, timeZone }: HardwareFacts): ReadonlyMap<string, string | null> {
  return new Map([
    ["operating system", os],
    ["C library", said(libc, (name) => name)],
    ["CPU", cpu.model],
    ["CPU features", said(cpu.flags, (flags) => flags.join(" "))],
    ["CPUs usable", String(cpu.usable)],
    ["GPUs", said(gpus, (list) => list.map(({ name, driver }) => `${name} (driver ${driver})`).join(", ") || "none")],
    ["locale", locale],
    ["time zone", timeZone],
  ]);
}

/** Only the features that one of them lacks: the list is long. */
function features(then: string, now: string): { readonly recorded: string; readonly present: string } {
  const [a, b] = [then, now].map((text) => text.split(" "));
  const lacks = (a ?? []).filter((flag) => !b?.includes(flag));
  const more = (b ?? []).filter((flag) => !a?.includes(flag));
  return {
    recorded: lacks.length === 0 ? "none besides" : lacks.join(" "),
    present: more.length === 0 ? "none besides" : more.join(" "),
  };
}

function compared(name: string, then: string | null, now: string | null): FactCompared {
  const [recorded, present] = [then ?? "unknown", now ?? "unknown"];
  // What neither could tell differs in nothing that is known.
  if (then === null || now === null) return { name, recorded, present, state: then === now ? "equal" : "unknown" };
  if (then === now) return { name, recorded, present, state: "equal" };
  return { name, ...(name === "CPU features" ? features(then, now) : { recorded, present }), state: "other" };
}

/** The machine of a run beside this one, in what can decide a result. */
export async function compareMachine(run: RunRecord, env: Env): Promise<FactCompared[]> {
  const now: HardwareFacts = { ...readHardware(env), gpus: await queryGpus(20_000, env) };
  const [then, present] = [factsOf(run.hardware), factsOf(now)];
  return [...then].map(([name, value]) => compared(name, value, present.get(name) ?? null));
}

/** Where things lie, what a terminal or a desktop is like, and what is told as locale and time zone of the machine. */
const PLACES =
  /^(?:PATH|HOME|TMPDIR|TEMP|TMP|TERM|COLORTERM|DISPLAY|NO_COLOR|FORCE_COLOR|VIRTUAL_ENV.*|CONDA_.*|UV_.*|PIP_.*|POETRY_.*|PIPENV_.*|NODE_.*|XDG_.*|PYTHONPATH|PYTHONHOME|PYTHONUNBUFFERED|HF_TOKEN.*|SLURM_.*|TZ|LANG|LC_ALL|LC_CTYPE)$/;

/** Variables that the record keeps by value and that decide results: threads, kernels, seeds. */
export function compareVariables(run: RunRecord, env: Env): FactCompared[] {
  const then = new Map(run.variables.flatMap((fact) => ("value" in fact ? [[fact.name, fact.value] as const] : [])));
  return [...then].flatMap(([name, recorded]): FactCompared[] => {
    if (PLACES.test(name)) return [];
    const present = env[name];
    return [{ name, recorded, present: present ?? "not set", state: present === recorded ? "equal" : "other" }];
  });
}
