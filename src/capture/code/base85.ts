const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~";

/** The lines of a binary hunk: a letter for the number of bytes, then git's base 85. */
export function decodeBase85(lines: string): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const line of lines.split("\n")) {
    if (line === "") continue;
    const code = line.charCodeAt(0);
    const length = code >= 97 ? code - 97 + 27 : code - 65 + 1;
    const bytes = new Uint8Array(Math.ceil(length / 4) * 4);
    const view = new DataView(bytes.buffer);
    for (let group = 0; group * 4 < length; group++) {
      let value = 0;
      for (let i = 0; i < 5; i++) {
        const digit = ALPHABET.indexOf(line[1 + group * 5 + i] ?? "");
        if (digit < 0) throw new RangeError("not base 85");
        value = value * 85 + digit;
      }
      if (value > 0xffffffff) throw new RangeError("not base 85");
      view.setUint32(group * 4, value);
    }
    parts.push(bytes.subarray(0, length));
  }
  return Buffer.concat(parts);
}
