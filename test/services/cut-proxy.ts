import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A line to a server that goes down after so many bytes, and is mended. */
export interface CutProxy {
  readonly endpoint: string;
  /** From here on so many bytes pass, both ways together; then all is cut, until it is allowed again, or `once`. */
  allow(bytes: number, how?: "once"): void;
  /** Bytes that passed since the last `allow`. */
  sent(): number;
  cuts(): number;
  close(): void;
}

export async function cutProxy(port: number): Promise<CutProxy> {
  let [room, passed, cuts, once] = [Number.POSITIVE_INFINITY, 0, 0, false];
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    if (passed > room) return near.destroy();
    const far = connect(port, "127.0.0.1");
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on("error", () => to.destroy());
      from.on("close", () => {
        sockets.delete(from);
        to.destroy();
      });
      from.on("data", (bytes) => {
        passed += bytes.length;
        if (passed <= room) {
          if (!to.write(bytes)) from.pause();
          return;
        }
        cuts += 1;
        for (const socket of sockets) socket.destroy();
        if (once) room = Number.POSITIVE_INFINITY;
      });
      to.on("drain", () => from.resume());
    }
    return undefined;
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    allow: (bytes, how) => {
      [room, passed, cuts, once] = [bytes, 0, 0, how === "once"];
    },
    sent: () => passed,
    cuts: () => cuts,
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
