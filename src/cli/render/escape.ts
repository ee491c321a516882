/** Control characters (C0, DEL, C1), direction overrides, invisible and line-breaking ones. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2064\u2066-\u206f\ufeff]/g;

const NAMED: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

function spell(char: string): string {
  const code = char.charCodeAt(0);
  return (
    NAMED[char] ??
    (code < 0x100 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u${code.toString(16).padStart(4, "0")}`)
  );
}

/** Text from a record, on one line, with nothing in it that a terminal would obey. */
export const safe = (text: string): string => text.replace(UNSAFE, spell);

/** The same over several lines: line ends and tabs stay; of a line that was drawn again and again the last state. */
export function safeLines(text: string): string {
  return text
    .split("\n")
    .map((line) => {
      const bare = line.endsWith("\r") ? line.slice(0, -1) : line;
      return bare
        .slice(bare.lastIndexOf("\r") + 1)
        .split("\t")
        .map(safe)
        .join("\t");
    })
    .join("\n");
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: ours are let through, all others are what is looked for
const FOREIGN = /(\u001b\[(?:\d+m|K)|[\n\t\r])|[\u0000-\u001f\u007f-\u009f]/g;

/** The last line of defence, for whole texts: of control sequences only those that we write ourselves pass. */
export const guarded = (text: string): string =>
  text.replace(FOREIGN, (found, ours: string | undefined) => ours ?? spell(found));
