/** What a repository's index names, read without git. */
export interface GitIndex {
  readonly files: readonly string[];
  /** Submodules. */
  readonly links: readonly string[];
}

/** Times, device, inode, mode, owner, size: what comes before the object's name in an entry. */
const STAT_BYTES = 40;

/** Versions 2 to 4 of the index format; null for what is none of them or is split over two files. */
export function parseIndex(index: Buffer, sha256 = false): GitIndex | null {
  const version = index.length < 12 ? 0 : index.readUInt32BE(4);
  if (index.toString("latin1", 0, 4) !== "DIRC" || version < 2 || version > 4) return null;
  const files: string[] = [];
  const links: string[] = [];
  let at = 12;
  let previous = "";
  for (let left = index.readUInt32BE(8); left > 0; left--) {
    const start = at;
    if (start + STAT_BYTES + 34 > index.length) return null;
    const mode = index.readUInt32BE(start + 24);
    at += STAT_BYTES + (sha256 ? 32 : 20);
    const flags = index.readUInt16BE(at);
    at += (flags & 0x4000) !== 0 && version >= 3 ? 4 : 2;
    let kept = 0;
    if (version === 4) {
      const dropped = varint(index, at);
      at = dropped.next;
      kept = previous.length - dropped.value;
    }
    const end = index.indexOf(0, at);
    const name = previous.slice(0, kept) + index.toString("latin1", at, end);
    previous = name;
    at = version === 4 ? end + 1 : start + (Math.floor((end - start) / 8) + 1) * 8;
    (mode >>> 12 === 0o16 ? links : files).push(Buffer.from(name, "latin1").toString("utf8"));
  }
  return index.toString("latin1", at, at + 4) === "link" ? null : { files, links };
}

/** Git's offset encoding: seven bits a byte, plus one for each further byte. */
function varint(bytes: Buffer, start: number): { value: number; next: number } {
  let next = start;
  let byte = bytes[next++] ?? 0;
  let value = byte & 127;
  while ((byte & 128) !== 0) {
    byte = bytes[next++] ?? 0;
    value = ((value + 1) << 7) | (byte & 127);
  }
  return { value, next };
}
