// What a program did to files, as strace wrote it: of its main thread, by `strace -y -xx -s 100000000 -e trace=CALLS`.

/** The calls that change what lies on a disk, or say what is to be there for good. */
export const CALLS =
  "openat,close,write,pwrite64,rename,mkdir,unlink,unlinkat,rmdir,ftruncate,fsync,fdatasync,syncfs,link,linkat,renameat,renameat2,writev,pwritev,pwritev2,fallocate,copy_file_range,sendfile,symlink,symlinkat,mkdirat,truncate,dup,dup2,dup3,lseek";

export interface Call {
  readonly name: string;
  /** As strace prints them: numbers, flags, and texts in hexadecimal between quotes. */
  readonly arguments: readonly string[];
  readonly result: number;
}

/** The bytes of a text, "\x2f\x74" in the trace. */
export const bytesOf = (text: string): Buffer => Buffer.from(text.replace(/^"|"(\.\.\.)?$|\\x/g, ""), "hex");

/** The number of `3</a/b>`, whatever the path. */
export const descriptorOf = (text: string): number => Number.parseInt(text, 10);

/** All calls that succeeded, in their order. Throws on a text that strace cut off: nothing may be guessed. */
export function readTrace(text: string): Call[] {
  return text.split("\n").flatMap((line) => {
    const found = /^(\w+)\((.*)\) += (-?\d+)/.exec(line);
    if (found === null) return [];
    const [, name = "", all = "", result = ""] = found;
    if (all.includes('"...')) throw new Error(`cut off: ${line.slice(0, 80)}`);
    return Number(result) < 0 ? [] : [{ name, arguments: all.split(", "), result: Number(result) }];
  });
}
