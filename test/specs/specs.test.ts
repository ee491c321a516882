import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Ended, seal } from "../cli/sealed.ts";
import { blocksOf, masked } from "./document.ts";

const names = readdirSync(import.meta.dirname).filter((name) => name.endsWith(".md") && name !== "README.md");

/** Standard output, then standard error line by line after "! ", then the exit code when it is not 0. */
function transcript({ code, out, err }: Ended): string {
  const errors =
    err === ""
      ? []
      : err
          .replace(/\n$/, "")
          .split("\n")
          .map((line) => `! ${line}`);
  return [...(out === "" ? [] : [out.replace(/\n$/, "")]), ...errors, ...(code === 0 ? [] : [`[exit ${code}]`])].join(
    "\n",
  );
}

/** UPDATE_SPECS=1 writes what was printed into the documents, to be read before it is committed. */
function play(path: string): { readonly expected: string; readonly actual: string } {
  const text = readFileSync(path, "utf8");
  const sealed = seal();
  const lines = text.split("\n");
  const written: string[] = [];
  let at = 0;
  try {
    for (const block of blocksOf(text)) {
      if (block.kind === "file") {
        sealed.put({ [block.path]: block.content });
        continue;
      }
      written.push(...lines.slice(at, block.from));
      for (const { line } of block.steps) {
        const said = masked(transcript(sealed.shell(line)), {
          [sealed.project]: "/project",
          [sealed.temporary]: "/tmp",
          [sealed.base]: "/base",
        });
        written.push(`$ ${line}`, ...(said === "" ? [] : said.split("\n")));
      }
      at = block.to;
    }
  } finally {
    sealed.remove();
  }
  const actual = [...written, ...lines.slice(at)].join("\n");
  if (process.env.UPDATE_SPECS === "1") writeFileSync(path, actual);
  return { expected: text, actual };
}

test.each(names)("E %s runs as it is written", (name) => {
  const { expected, actual } = play(join(import.meta.dirname, name));
  if (process.env.UPDATE_SPECS !== "1") expect(actual).toBe(expected);
});
