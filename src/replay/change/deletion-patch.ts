import { createHash } from "node:crypto";

/** What git writes without quotes. */
const PLAIN = /^[\w@+=,.~^-]+(?:\/[\w@+=,.~^-]+)*$/;
const NO_OBJECT = "0".repeat(40);

/** A patch for `git apply` that removes a text file with this content; null: it takes another way. */
export function deletionPatch(path: string, mode: string, bytes: Uint8Array): string | null {
  const text = Buffer.from(bytes).toString("latin1");
  if (!PLAIN.test(path) || mode === "120000" || text.includes("\0") || text.includes("\r")) return null;
  const name = createHash("sha1").update(`blob ${bytes.length}\0`).update(bytes).digest("hex");
  const head = `diff --git a/${path} b/${path}\ndeleted file mode ${mode}\nindex ${name}..${NO_OBJECT}\n`;
  if (text === "") return head;
  const whole = text.endsWith("\n");
  const lines = (whole ? text.slice(0, -1) : text).split("\n");
  const removed = lines.map((line) => `-${line}\n`).join("");
  const range = lines.length === 1 ? "-1" : `-1,${lines.length}`;
  const end = whole ? "" : "\\ No newline at end of file\n";
  return `${head}--- a/${path}\n+++ /dev/null\n@@ ${range} +0,0 @@\n${removed}${end}`;
}
