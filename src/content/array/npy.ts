import { Cursor, latin1 } from "../bytes.ts";
import type { Difference, Judge } from "../comparison.ts";
import { readPickles } from "../pickle/compare.ts";
import type { Data } from "../source.ts";
import { compareTrees } from "../tree/compare.ts";
import { Unreadable } from "../unseen.ts";
import { compareArrays } from "./dtype.ts";

interface Npy {
  readonly dtype: string;
  readonly fortran: boolean;
  readonly shape: readonly number[];
  readonly data: Data;
}

/** Compares two .npy files: padding and version of the header aside. */
export function compareNpy(a: Data, b: Data, judge: Judge): Difference | null {
  const left = readNpy(a);
  const right = readNpy(b);
  judge.setAside("npy: padding of the header");
  const objects = [left, right].filter((array) => /'\|?O|"\|?O/.test(array.dtype));
  if (objects.length === 2 && left.dtype === right.dtype && left.shape.join() === right.shape.join())
    return compareTrees(readPickles(left.data, judge), readPickles(right.data, judge), judge);
  const array = (npy: Npy) => ({
    dtype: plain(npy.dtype),
    shape: npy.shape,
    order: npy.fortran ? ("F" as const) : ("C" as const),
    data: npy.data,
  });
  return compareArrays(array(left), array(right));
}

const plain = (dtype: string): string => /^'([^']*)'$/.exec(dtype)?.[1] ?? dtype;

export function readNpy(bytes: Data): Npy {
  const cursor = new Cursor(bytes);
  if (latin1(cursor.take(6)) !== "\u0093NUMPY") throw new Unreadable("npy: no header");
  const version = cursor.u8();
  cursor.u8();
  if (version < 1 || version > 3) throw new Unreadable(`npy: version ${version}`);
  const header = latin1(cursor.take(version === 1 ? cursor.u16() : cursor.u32()));
  const found = /^\{'descr': (.*), 'fortran_order': (True|False), 'shape': \(([\d, ]*)\),? *\}\s*$/.exec(header);
  if (found?.[1] === undefined || found[3] === undefined) throw new Unreadable("npy: a header of another form");
  const shape = found[3]
    .split(",")
    .filter((part) => part.trim() !== "")
    .map(Number);
  const data = cursor.span(cursor.left);
  const itemsize = /^'[<>|=]?[a-zA-Z](\d+)'$/.exec(found[1]);
  const unit = found[1].includes("U") ? 4 : 1;
  const count = shape.reduce((product, length) => product * length, 1);
  if (itemsize !== null && count * Number(itemsize[1]) * unit !== data.length)
    throw new Unreadable("npy: of another length than stated");
  return { dtype: found[1], fortran: found[2] === "True", shape, data };
}
