import { Cursor } from "../bytes.ts";
import { Unreadable, Unseen } from "../unseen.ts";
import { type Hdf5Type, readType } from "./datatype.ts";
import { address, type Hdf5File } from "./file.ts";
import { MESSAGE, type Message, messagesAt } from "./header.ts";

/** The type that an object says it has, itself or by the place of a type with a name. */
export function typeIn(file: Hdf5File, messages: readonly Message[]): Hdf5Type {
  const message = messages.find(({ type }) => type === MESSAGE.type);
  if (message === undefined) throw new Unreadable("HDF5: an object that is no group and has no type");
  return message.shared ? sharedType(file, new Cursor(message.bytes)) : readType(new Cursor(message.bytes));
}

export function sharedType(file: Hdf5File, cursor: Cursor): Hdf5Type {
  const [version, kind] = [cursor.u8(), cursor.u8()];
  if (version > 3 || (version === 3 && kind === 1)) throw new Unseen("HDF5: types shared by a heap");
  if (version === 1) cursor.take(6);
  const place = address(cursor);
  const own = place === null ? undefined : messagesAt(file, place).find(({ type }) => type === MESSAGE.type);
  if (own === undefined || own.shared) throw new Unreadable("HDF5: a type that is nowhere");
  return readType(new Cursor(own.bytes));
}
