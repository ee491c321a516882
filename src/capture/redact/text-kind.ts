import { extname } from "node:path";
import type { TextKind } from "./finding.ts";

/** Languages in which a bare word after "=" is an expression. Notebooks hold prose and output as well. */
const CODE = new Set(
  `.py .pyi .pyx .pxd .js .mjs .cjs .jsx .ts .mts .cts .tsx .java .kt .scala .go .rs .c .h .cc .cpp .cxx .hpp .cu
   .cuh .cs .swift .rb .php .jl .r .lua .m .mm .f90 .ml .hs .ex .erl .dart .zig .sql`.split(/\s+/),
);

/** How a file is read for secrets: by its name, and as binary when there is a NUL in its beginning. */
export function textKindOf(path: string, bytes?: Uint8Array): TextKind {
  if (bytes?.subarray(0, 8192).includes(0)) return "binary";
  return CODE.has(extname(path).toLowerCase()) ? "code" : "text";
}
