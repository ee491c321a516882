import { execFile } from "node:child_process";
import { closeSync, constants, mkdtempSync, openSync, rmSync } from "node:fs";
import { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A real pipe. Node's own are sockets, on which `> /dev/stderr` in a shell script fails. */
interface Channel {
  /** To be given to a child, then closed with closeWriter(). */
  readonly writer: number;
  /** Its name while the channels are open, for a program that opens it itself. */
  readonly path: string;
  readonly reader: Socket;
  closeWriter(): void;
}

export interface Channels {
  readonly stdout: Channel;
  readonly stderr: Channel;
  /** Holds the names, for whatever else has to live as long as they. */
  readonly folder: string;
  /** Takes the folder away; what is open stays open. */
  unlink(): void;
}

function openChannel(path: string): Channel {
  // The reader first, so that opening the writer does not block; the writer's own description stays blocking.
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const writer = openSync(path, constants.O_WRONLY);
  let open = true;
  return {
    writer,
    path,
    reader: new Socket({ fd, readable: true, writable: false }),
    closeWriter: () => {
      if (open) closeSync(writer);
      open = false;
    },
  };
}

export async function openChannels(): Promise<Channels> {
  const folder = mkdtempSync(join(tmpdir(), "reprise-pipe-"));
  const unlink = (): void => rmSync(folder, { recursive: true, force: true });
  const paths = { stdout: join(folder, "stdout"), stderr: join(folder, "stderr") };
  try {
    await new Promise<void>((resolve, reject) => {
      execFile("mkfifo", ["-m", "600", paths.stdout, paths.stderr], (error) => {
        if (error === null) resolve();
        else reject(error);
      });
    });
    return { stdout: openChannel(paths.stdout), stderr: openChannel(paths.stderr), folder, unlink };
  } catch (error) {
    unlink();
    throw error;
  }
}
