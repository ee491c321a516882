import { inClock, type Origin, type Origins, offsets, wasDrawn } from "../origin.ts";
import { wholeOf } from "../source.ts";
import { type Call, globalOf, type Node } from "./node.ts";

/** Objects that are benign as a whole, by origin: a moment of each run, an id each run drew. */
export function benignObject(a: Call, b: Call, origins: Origins): string | null {
  if (globalOf(a.of) !== globalOf(b.of)) return null;
  const [left, right] = [momentOf(a), momentOf(b)];
  if (left !== null && right !== null) {
    if (left.text === right.text && left.zone === right.zone) return null;
    return left.zone === right.zone && ofRun(left, origins.a) && ofRun(right, origins.b)
      ? `time ${left.text} / ${right.text}`
      : null;
  }
  const [idA, idB] = [idOf(a), idOf(b)];
  if (idA !== null && idB !== null && idA !== idB && wasDrawn(origins.a, idA) && wasDrawn(origins.b, idB))
    return "uuid";
  return null;
}

interface ObjectMoment {
  readonly text: string;
  readonly ms: number;
  readonly resolution: number;
  /** The time zone object, told apart by its shape only. */
  readonly zone: number;
}

function ofRun(moment: ObjectMoment, origin: Origin): boolean {
  const shifts = moment.zone > 0 ? [0] : offsets(origin);
  return shifts.some((shift) => inClock(origin, moment.ms - shift, moment.resolution));
}

/** datetime.datetime and datetime.date keep their fields in ten and four bytes. */
function momentOf(call: Call): ObjectMoment | null {
  const what = globalOf(call.of);
  if (what !== "datetime.datetime" && what !== "datetime.date") return null;
  if (call.args.kind !== "list" || call.state.length > 0 || call.items.length > 0 || call.entries.length > 0)
    return null;
  const [first, ...zone] = call.args.items;
  if (first?.kind !== "bytes") return null;
  if (first.bytes.length > 16) return null;
  const f = wholeOf(first.bytes);
  const at = (index: number): number => f[index] ?? 0;
  if (f.length === 4 && what === "datetime.date") {
    const ms = Date.UTC(at(0) * 256 + at(1), at(2) - 1, at(3));
    return { text: new Date(ms).toISOString().slice(0, 10), ms, resolution: 86_400_000, zone: 0 };
  }
  if (f.length !== 10 || what !== "datetime.datetime" || zone.length > 1) return null;
  // Only UTC is read off a zone object; another one leaves the object to be compared part by part.
  if (zone.length === 1 && !isUtc(zone[0])) return null;
  const micro = (at(7) << 16) | (at(8) << 8) | at(9);
  const ms = Date.UTC(at(0) * 256 + at(1), (at(2) & 127) - 1, at(3), at(4), at(5), at(6)) + micro / 1000;
  return Number.isFinite(ms) ? { text: new Date(ms).toISOString(), ms, resolution: 1, zone: zone.length } : null;
}

function isUtc(zone: Node | undefined): boolean {
  if (zone?.kind === "scalar") return zone.type === "global" && /utc$/i.test(zone.text);
  if (zone?.kind !== "call" || globalOf(zone.of) !== "datetime.timezone" || zone.args.kind !== "list") return false;
  const [delta] = zone.args.items;
  if (delta?.kind !== "call" || globalOf(delta.of) !== "datetime.timedelta" || delta.args.kind !== "list") return false;
  return delta.args.items.every((part) => part.kind === "scalar" && part.text === "0");
}

/** uuid.UUID keeps a number of 128 bits under "int". */
function idOf(call: Call): string | null {
  const owner = call.args.kind === "list" ? call.args.items[0] : undefined;
  if (globalOf(call.of) !== "uuid.UUID" && globalOf(owner) !== "uuid.UUID") return null;
  const [state] = call.state;
  if (call.state.length !== 1 || state?.kind !== "dictionary" || state.entries.length > 2) return null;
  const number = state.entries.find(([key]) => key.kind === "text" && key.text === "int")?.[1];
  if (number?.kind !== "scalar" || !/^\d+$/.test(number.text)) return null;
  return BigInt(number.text).toString(16).padStart(32, "0");
}

/** A pathlib path: its parts as one text, so that the run's own folders are seen in it. */
export function pathOf(call: Call): string | null {
  if (!/^pathlib(?:\._local)?\.(?:Pure)?(?:Posix|Windows)?Path$/.test(globalOf(call.of))) return null;
  if (call.args.kind !== "list" || call.state.length > 0) return null;
  const parts: string[] = [];
  for (const item of call.args.items) {
    if (item.kind !== "text") return null;
    parts.push(item.text);
  }
  return parts[0] === "/" ? `/${parts.slice(1).join("/")}` : parts.join("/");
}
