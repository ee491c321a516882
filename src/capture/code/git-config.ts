/** One setting of a git configuration file; the section's name in lower case, the subsection as written. */
export interface GitSetting {
  readonly section: string;
  readonly subsection: string | null;
  readonly key: string;
  readonly value: string;
}

/** Reads a git configuration file as text: no process, nothing in it is run. Included files are not followed. */
export function parseGitConfig(text: string): GitSetting[] {
  const settings: GitSetting[] = [];
  let section = "";
  let subsection: string | null = null;
  for (let line of text.replace(/\\\r?\n/g, "").split(/\r?\n/)) {
    line = line.trim();
    const head = /^\[\s*([A-Za-z0-9.-]+)(?:\s+"((?:[^"\\]|\\.)*)")?\s*\]\s*/.exec(line);
    if (head !== null) {
      const [whole, name = "", quoted] = head;
      const dot = quoted === undefined ? name.indexOf(".") : -1;
      section = (dot < 0 ? name : name.slice(0, dot)).toLowerCase();
      subsection = quoted?.replace(/\\(.)/g, "$1") ?? (dot < 0 ? null : name.slice(dot + 1));
      line = line.slice(whole.length);
    }
    const entry = /^([A-Za-z][A-Za-z0-9-]*)\s*(?:=\s*(.*))?$/.exec(line);
    if (entry === null || section === "") continue;
    settings.push({ section, subsection, key: (entry[1] ?? "").toLowerCase(), value: settingValue(entry[2]) });
  }
  return settings;
}

function settingValue(raw: string | undefined): string {
  if (raw === undefined) return "true";
  let value = "";
  let quoted = false;
  for (let i = 0; i < raw.length; i++) {
    const char = raw[i] ?? "";
    if (char === "\\") {
      const next = raw[++i] ?? "";
      value += ({ n: "\n", t: "\t", b: "\b" } as Record<string, string>)[next] ?? next;
    } else if (char === '"') quoted = !quoted;
    else if (!quoted && (char === "#" || char === ";")) break;
    else value += char;
  }
  return value.trimEnd();
}
