import { countsPositives, nameClass, saysTime } from "../name-class.ts";
import { isMoment, isProcessId, type Origin, type Origins } from "../origin.ts";
import { isDuration } from "../text/benign.ts";
import type { Node, Scalar } from "./node.ts";

/**
 * A plain number is benign by the name it is kept under, when that names time, speed or a process id, and when it is one
 * the run can have had. Under a name that says nothing only a moment of the run is, and only one that has too many digits
 * to be met by chance; under the name of a result or an ingredient (loss, seed) nothing is. Its type must be the same on both sides, but for whole and broken seconds as written.
 */
export function benignNumber(a: Scalar, b: Scalar, name: string, origins: Origins): string | null {
  if (a.value === undefined || b.value === undefined) return null;
  if (a.type !== b.type && !(a.type === "number" && b.type === "number")) return null;
  const why = reason(a, name, origins.a);
  return why !== null && why === reason(b, name, origins.b) ? why : null;
}

/** Ten digits, as seconds since 1970 have them. */
const LEAST_EPOCH = 1e9;

/** The name that a key gives its value. */
export function nameUnder(entries: readonly (readonly [Node, Node])[], key: Node, above: string): string {
  if (key.kind !== "text") return "";
  // Gymnasium's and Stable-Baselines3's account of an episode: reward, length, seconds since the start.
  const isEpisode =
    key.text === "t" &&
    entries.length === 3 &&
    ["r", "l", "t"].every((name) => entries.some(([other]) => other.kind === "text" && other.text === name));
  if (isEpisode) return "elapsed";
  if (/^.ps$/i.test(key.text)) {
    const names = entries.map(([other]) => (other.kind === "text" ? other.text : ""));
    if (countsPositives(key.text, names)) return `number of ${key.text.slice(0, 1)}p`;
  }
  // What a prediction holds is predicted, too.
  return nameClass(above) === "modelled" ? `predicted ${key.text}` : key.text;
}

function reason(number: Scalar, name: string, origin: Origin): string | null {
  const value = number.value ?? Number.NaN;
  switch (nameClass(name)) {
    case "time":
      return isMoment(origin, value) || isDuration(origin, value, name, number.text) ? "time" : null;
    case "eta":
      return value >= 0 && saysTime(name) ? "duration" : null;
    case "speed":
      return Number.isFinite(value) ? "speed" : null;
    case "pid":
      return isProcessId(origin, value) ? "process id" : null;
    case "modelled":
    case "pace":
    case null:
      return Math.abs(value) >= LEAST_EPOCH && isMoment(origin, value) ? "time" : null;
    default:
      return null;
  }
}
