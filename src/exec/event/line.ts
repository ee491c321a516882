import type { AgentEvent } from "#record";

type Form = Readonly<
  Record<string, "string" | "number" | "boolean" | "array" | "object" | "string?" | "number?" | "measured">
>;

const PLACE: Form = { f: "string?", l: "number?" };
const WRITE: Form = { p: "string", existed: "boolean" };

/** What each event must have to be taken: an agent of another version may write more, never less. */
const FORMS: Readonly<Record<AgentEvent["e"], Form>> = {
  hello: {
    v: "number",
    pid: "number",
    ppid: "number",
    proc: "string",
    lang: "string",
    version: "string",
    impl: "string",
    exe: "string",
    prefix: "string",
    base: "string",
    argv: "array",
    cwd: "string",
    path: "array",
    t: "number",
  },
  fork: { pid: "number", ppid: "number", proc: "string", t: "number" },
  read: { p: "string" },
  write: { ...WRITE, m: "string" },
  remove: { p: "string" },
  rename: { ...WRITE, to: "string" },
  list: { name: "string", p: "string", f: "string", l: "number", n: "number", count: "number" },
  gen: { ...PLACE, name: "string", n: "number", key: "string" },
  seeded: { name: "string" },
  own: { ...PLACE, name: "string", value: "string" },
  val: { kind: "string", name: "string", f: "string", l: "number", n: "number", v: "string" },
  net: { ...PLACE, name: "string", host: "string" },
  spawn: { ...PLACE, argv: "array" },
  drawn: { ...PLACE, name: "string", how: "string" },
  id: { v: "string" },
  cell: { n: "number", code: "string" },
  serial: { name: "string", f: "string", l: "number" },
  policy: { lever: "string", state: "string", what: "string", why: "string?" },
  violation: { ...PLACE, kind: "string", lever: "string", name: "string" },
  pace: { steps: "number", seconds: "number" },
  step: { ...PLACE, n: "number", kind: "string", of: "string", c: "object" },
  metric: { src: "string", name: "string", step: "number?", value: "measured" },
  param: { src: "string", name: "string", value: "string" },
  seed: { ...PLACE, name: "string", value: "number", declared: "boolean", key: "string" },
  claim: { ...PLACE, text: "string" },
  reference: { ...PLACE, name: "string", inputs: "string?" },
  checkpoint: { ...PLACE, p: "string", step: "number?" },
  saved: {
    ...PLACE,
    p: "string",
    how: "string",
    existed: "boolean",
    steps: "number",
    n: "number",
    c: "object",
  },
  halt: { steps: "number", signal: "string" },
  putback: { when: "string", names: "array" },
  fault: { what: "string", why: "string" },
  end: { how: "string", modules: "array", maps: "array", frameworks: "object" },
};

/** Values of metrics for which JSON has no number. */
const NO_NUMBER: ReadonlySet<unknown> = new Set(["NaN", "Infinity", "-Infinity"]);

function fits(value: unknown, form: string): boolean {
  if (form.endsWith("?")) return value === null || typeof value === form.slice(0, -1);
  if (form === "measured") return value === null || typeof value === "number" || NO_NUMBER.has(value);
  if (form === "array") return Array.isArray(value);
  if (form === "object") return typeof value === "object" && value !== null && !Array.isArray(value);
  return typeof value === form;
}

function isEvent(value: unknown): value is AgentEvent {
  if (!fits(value, "object")) return false;
  const fields = value as Record<string, unknown>;
  const kind = fields.e;
  if (typeof kind !== "string" || !Object.hasOwn(FORMS, kind)) return false;
  const form = FORMS[kind as AgentEvent["e"]];
  return Object.keys(form).every((name) => fits(fields[name], form[name] ?? ""));
}

/** The event of which runs have tens of thousands, in the form in which the agents write it. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON allows none in a text
const PLAIN_READ = /^\{"e":"read","p":"([^"\\\x00-\x1f]*)"\}$/;

/** "torn": no JSON. null: JSON, but no event that we know. */
export function parseEvent(line: string): AgentEvent | "torn" | null {
  const path = PLAIN_READ.exec(line)?.[1];
  if (path !== undefined) return { e: "read", p: path };
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return "torn";
  }
  return isEvent(value) ? value : null;
}
