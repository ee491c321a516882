// One comparison for content.mjs: prints what was found and the most memory that the process held.
import { closeSync, fstatSync, openSync, readdirSync, readFileSync, readSync } from "node:fs";
import { join } from "node:path";
import { canonicalNames, compareBytes } from "#content";

const [kind, a, b] = process.argv.slice(2);
const start = Date.UTC(2026, 10, 21, 6);
const origin = {
  roots: ["/none"],
  pids: [],
  startMs: start,
  endMs: start + 3.6e6,
  seconds: 3600,
  uuids: [],
  hostname: "bench",
};
const origins = { a: origin, b: origin };

function opened(path) {
  const fd = openSync(path, "r");
  return {
    length: fstatSync(fd).size,
    read: (from, to, into) => {
      const bytes = into === undefined ? Buffer.allocUnsafe(to - from) : into.subarray(0, to - from);
      for (let at = 0; at < bytes.length; ) at += readSync(fd, bytes, at, bytes.length - at, from + at);
      return bytes;
    },
    close: () => closeSync(fd),
  };
}

let said;
if (kind === "file") {
  const [x, y] = [opened(a), opened(b)];
  const { agree, how, difference } = compareBytes(a, x, y, origins);
  for (const file of [x, y]) file.close();
  said = { agree, how, where: difference?.where ?? null, distance: difference?.distance ?? null };
} else {
  const names = (folder) =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
  let [agree, differ] = [0, 0];
  for (const pair of canonicalNames(names(a), names(b), origins)) {
    const one = pair.a !== null && pair.b !== null;
    const same =
      one && compareBytes(pair.a, readFileSync(join(a, pair.a)), readFileSync(join(b, pair.b)), origins).agree;
    if (same) agree += 1;
    else differ += 1;
  }
  said = { agree, differ };
}
const megabytes = Math.round((process.resourceUsage().maxRSS * 1024) / 1e6);
process.stdout.write(`${JSON.stringify(said)}, at most ${megabytes} MB held\n`);
