import { type Data, piecesOf } from "../source.ts";

/** The lines that a program wrote, whatever bytes they are; nothing comes behind the last line end. */
export function* linesOf(data: Data): Generator<string> {
  const decoder = new TextDecoder("utf-8");
  let rest = "";
  for (const { bytes } of piecesOf(data)) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
  rest += decoder.decode();
  if (rest !== "") yield rest;
}
