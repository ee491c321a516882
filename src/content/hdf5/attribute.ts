import { Cursor, latin1, utf8Of } from "../bytes.ts";
import { Unreadable, Unseen } from "../unseen.ts";
import { readSpace } from "./dataset.ts";
import { type Hdf5Type, readType } from "./datatype.ts";
import type { Hdf5File } from "./file.ts";
import { sharedType } from "./shared-type.ts";

interface Attribute {
  readonly name: string;
  readonly type: Hdf5Type;
  readonly shape: readonly number[] | null;
  readonly data: Uint8Array;
}

export function readAttribute(file: Hdf5File, cursor: Cursor): Attribute {
  const [version, flags] = [cursor.u8(), cursor.u8()];
  if (version < 1 || version > 3) throw new Unseen(`HDF5: attribute of version ${version} is not known`);
  if (version > 1 && (flags & 2) !== 0) throw new Unseen("HDF5: shapes shared between attributes");
  const sizes = [cursor.u16(), cursor.u16(), cursor.u16()];
  if (version === 3) cursor.u8();
  const [nameBytes, typeBytes, spaceBytes] = sizes.map((size) => {
    const bytes = cursor.take(size);
    if (version === 1) cursor.take((8 - (size % 8)) % 8);
    return bytes;
  });
  if (nameBytes === undefined || typeBytes === undefined || spaceBytes === undefined)
    throw new Unreadable("HDF5: an attribute ends early");
  const type =
    version > 1 && (flags & 1) !== 0 ? sharedType(file, new Cursor(typeBytes)) : readType(new Cursor(typeBytes));
  const { shape } = readSpace(spaceBytes);
  const size = shape === null ? 0 : shape.reduce((product, length) => product * length, type.size);
  const end = nameBytes.indexOf(0);
  const own = end < 0 ? nameBytes : nameBytes.subarray(0, end);
  return { name: utf8Of(own) ?? latin1(own), type, shape, data: cursor.take(size) };
}
