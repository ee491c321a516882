import { textOf } from "./bytes.ts";
import { readToml, readYaml } from "./tree/document.ts";
import { readJson } from "./tree/json.ts";
import { dictionary, type Node, scalar, text } from "./tree/node.ts";
import { Unreadable } from "./unseen.ts";

/** More keys than a person writes: a data set in the form of a settings file. */
const MOST_KEYS = 5000;
const MOST_BYTES = 1 << 20;

/** Whether a file of this name holds settings. */
export const isSettings = (name: string): boolean => /\.(?:ya?ml|toml|json|ini|cfg|conf)$/i.test(name);

/**
 * The settings of a YAML, JSON, TOML or INI file, as paths of keys with their values ("optimizer.lr": "0.1"); null when
 * it is no such file, or one that holds no mapping.
 */
export function settingsIn(name: string, bytes: Uint8Array): ReadonlyMap<string, string> | null {
  const source = bytes.length > MOST_BYTES || !isSettings(name) ? null : textOf(bytes);
  if (source === null) return null;
  try {
    const root = read(name, source);
    if (root.kind !== "dictionary") return null;
    const found = new Map<string, string>();
    flatten(root, "", found, new Set());
    return found;
  } catch (error) {
    if (error instanceof Unreadable || error instanceof RangeError) return null;
    throw error;
  }
}

function read(name: string, source: string): Node {
  if (/\.ya?ml$/i.test(name)) return readYaml(source);
  if (/\.toml$/i.test(name)) return readToml(source);
  return /\.json$/i.test(name) ? readJson(source) : readIni(source);
}

function flatten(node: Node, path: string, found: Map<string, string>, above: ReadonlySet<Node>): void {
  if (found.size >= MOST_KEYS) throw new Unreadable("more keys than settings have");
  if (above.has(node)) throw new Unreadable("a value that holds itself");
  const inner = new Set([...above, node]);
  const under = (key: string): string => (path === "" ? key : `${path}.${key}`);
  if (node.kind === "dictionary" && node.entries.length > 0) {
    for (const [key, value] of node.entries) flatten(value, under(keyText(key)), found, inner);
  } else if (node.kind === "list" && node.items.some((item) => item.kind === "dictionary" || item.kind === "list")) {
    for (const [index, item] of node.items.entries()) flatten(item, `${path}[${index}]`, found, inner);
  } else found.set(path, valueText(node));
}

const keyText = (key: Node): string => (key.kind === "text" || key.kind === "scalar" ? key.text : "?");

/** A text that reads like another kind of value is told apart from it by quotes. */
function valueText(node: Node): string {
  switch (node.kind) {
    case "scalar":
      return node.text;
    case "text":
      return /^$|^[\d.+-]|^(?:true|false|null|yes|no|on|off|~)$|^[[{"]/i.test(node.text)
        ? JSON.stringify(node.text)
        : node.text;
    case "list":
      return `[${node.items.map(valueText).join(", ")}]`;
    case "dictionary":
      return "{}";
    default:
      return "?";
  }
}

/** Sections in brackets, keys before "=" or ":"; a line further in continues the value above. */
function readIni(source: string): Node {
  const sections = new Map<string, [Node, Node][]>();
  let entries: [Node, Node][] = [];
  sections.set("", entries);
  for (const line of source.split(/\r?\n/)) {
    if (/^\s*(?:[#;]|$)/.test(line)) continue;
    const head = /^\s*\[([^\]]+)\]\s*$/.exec(line)?.[1];
    if (head !== undefined) {
      entries = sections.get(head) ?? [];
      sections.set(head, entries);
      continue;
    }
    const pair = /^([^\s=:][^=:]*?)\s*[=:]\s*(.*?)\s*$/.exec(line);
    const last = entries.at(-1);
    if (pair !== null) entries.push([text(pair[1] ?? ""), scalar("value", pair[2] ?? "")]);
    else if (/^\s/.test(line) && last?.[1].kind === "scalar")
      last[1] = scalar("value", `${last[1].text} ${line.trim()}`);
    else throw new Unreadable("INI: a line that is neither section nor key");
  }
  const nested = [...sections].flatMap(([name, list]): [Node, Node][] =>
    name === "" ? list : [[text(name), dictionary("section", list, false)]],
  );
  return dictionary("ini", nested, false);
}
