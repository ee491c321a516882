// One set-up at a time: two `npm test` in one checkout must not install over each other.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

const pause = (milliseconds) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);

function alive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

/** Who holds the lock: a process id, or null when it is free again or was left behind. */
function holder(path) {
  try {
    const pid = Number(readFileSync(path, "utf8"));
    return alive(pid) ? pid : null;
  } catch {
    return null;
  }
}

export function withLock(path, work) {
  mkdirSync(dirname(path), { recursive: true });
  for (let said = false; ; ) {
    try {
      writeFileSync(path, String(process.pid), { flag: "wx" });
      break;
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
    }
    const pid = holder(path);
    if (pid === null) rmSync(path, { force: true });
    else if (!said) process.stderr.write(`waiting for the set-up of process ${pid} …\n`);
    said ||= pid !== null;
    pause(300);
  }
  try {
    return work();
  } finally {
    rmSync(path, { force: true });
  }
}
