import { type Data, piecesOf } from "../source.ts";
import { Unreadable } from "../unseen.ts";

/** Whether bytes are the beginning of text: UTF-8 without NUL, which may break off where there is more to come. */
export function isTextHead(head: Uint8Array, length: number): boolean {
  if (head.includes(0)) return false;
  try {
    new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(head, { stream: head.length < length });
    return true;
  } catch {
    return false;
  }
}

/** A longer line is no text. */
const LONGEST = 2 ** 26;

/** The lines of a text without their ends, as `split("\n")` gives them. What is no text is not read. */
export function* strictLines(data: Data): Generator<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  let rest = "";
  for (const { bytes } of piecesOf(data)) {
    if (bytes.includes(0)) throw new Unreadable("not UTF-8");
    const lines = (rest + decoded(decoder, bytes)).split("\n");
    rest = lines.pop() ?? "";
    if (rest.length > LONGEST) throw new Unreadable("a line beyond all measure");
    yield* lines;
  }
  yield rest + decoded(decoder);
}

function decoded(decoder: InstanceType<typeof TextDecoder>, bytes?: Uint8Array): string {
  try {
    return bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true });
  } catch {
    throw new Unreadable("not UTF-8");
  }
}
