import { differentBytes } from "../array/dtype.ts";
import { latin1 } from "../bytes.ts";
import type { Difference, Judge } from "../comparison.ts";
import { inClock, type Origin } from "../origin.ts";

const DATE = /\/(?:CreationDate|ModDate) ?\(D:(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)([^)]{0,8})\)/g;
const ID = /\/ID ?\[ ?<[0-9A-Fa-f]{32}> ?<[0-9A-Fa-f]{32}> ?\]/g;

/** Compares PDF byte by byte but for the dates of each run and the id of the file, when those change no lengths. */
export function comparePdfs(a: Uint8Array, b: Uint8Array, judge: Judge): Difference | null {
  const left = blanked(latin1(a), judge.origins.a);
  const right = blanked(latin1(b), judge.origins.b);
  if (left !== right) return differentBytes(Buffer.from(left, "latin1"), Buffer.from(right, "latin1"));
  judge.mask("PDF: dates and file id");
  return null;
}

function blanked(pdf: string, origin: Origin): string {
  const dates = pdf.replace(DATE, (whole: string, ...fields: string[]) => {
    const [year, month, day, hour, minute, second] = fields.slice(0, 6).map(Number);
    const shift = /([+-])(\d\d)'?(\d\d)/.exec(fields[6] ?? "");
    const zone = shift === null ? 0 : (shift[1] === "-" ? -1 : 1) * (Number(shift[2]) * 60 + Number(shift[3])) * 60_000;
    const ms = Date.UTC(year ?? 0, (month ?? 1) - 1, day, hour, minute, second) - zone;
    return inClock(origin, ms, 1000) ? "/Date" : whole;
  });
  return dates.replace(ID, "/ID");
}
