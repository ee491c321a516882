import { closeSync, openSync, readFileSync, readlinkSync, readSync } from "node:fs";
import {
  availableParallelism,
  cpus,
  hostname,
  release,
  type as systemName,
  version as systemVersion,
  totalmem,
} from "node:os";
import { type HardwareFacts, type Known, unknown } from "#record";
import { readContainer } from "./container.ts";
import { cpuQuota } from "./quota.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** The machine as its files describe it; GPUs come from queryGpus. */
export function readHardware(env: Env): Omit<HardwareFacts, "gpus"> {
  return {
    os: osName(),
    kernel: release(),
    libc: libcVersion(),
    container: readContainer(env),
    cpu: cpu(),
    memoryBytes: totalmem(),
    hostname: hostname(),
    locale: firstOf(env["LC_ALL"], env["LC_CTYPE"], env["LANG"]) ?? "C",
    timeZone: firstOf(env["TZ"]) ?? systemTimeZone(),
  };
}

function firstOf(...values: (string | undefined)[]): string | undefined {
  return values.find((value) => value !== undefined && value !== "");
}

function osName(): string {
  const pretty = /^PRETTY_NAME="?(.*?)"?$/m.exec(readText("/etc/os-release") ?? "")?.[1];
  return pretty ?? `${systemName()} ${systemVersion()}`;
}

function cpu(): HardwareFacts["cpu"] {
  // The first processor stands for all; on large machines the whole file takes milliseconds.
  const text = readStart("/proc/cpuinfo", 16_384) ?? "";
  const named = /^model name\s*:\s*(.*)$/m.exec(text)?.[1] ?? armModel(text) ?? cpus()[0]?.model ?? "unknown";
  const flags = /^(?:flags|Features)\s*:\s*(.*)$/m.exec(text)?.[1];
  const logical = Number(/(\d+)\s*$/.exec(readText("/sys/devices/system/cpu/present") ?? "")?.[1] ?? Number.NaN) + 1;
  const affinity = availableParallelism();
  const quota = cpuQuota();
  return {
    model: named.trim(),
    flags: flags === undefined ? unknown("no flags in /proc/cpuinfo") : flags.trim().split(/\s+/).sort(),
    logical: Number.isNaN(logical) ? cpus().length : logical,
    usable: quota === null ? affinity : Math.max(1, Math.min(affinity, Math.ceil(quota))),
  };
}

function armModel(text: string): string | undefined {
  const part = /^CPU part\s*:\s*(\S+)$/m.exec(text)?.[1];
  const maker = /^CPU implementer\s*:\s*(\S+)$/m.exec(text)?.[1];
  return part === undefined ? undefined : `ARM implementer ${maker ?? "?"} part ${part}`;
}

/** From the C library that this process has loaded. */
function libcVersion(): Known<string> {
  const maps = readText("/proc/self/maps");
  if (maps === undefined) return unknown("no /proc/self/maps on this system");
  const musl = /\s(\/\S*ld-musl-\S+)/.exec(maps)?.[1];
  if (musl !== undefined) return "musl";
  const glibc = /\s(\/\S*\/libc(?:\.so\.6|-[\d.]+\.so))\s*$/m.exec(maps)?.[1];
  if (glibc === undefined) return unknown("no C library among the loaded files");
  try {
    const bytes = readFileSync(glibc);
    const at = bytes.indexOf("GNU C Library (");
    const banner = at < 0 ? "" : bytes.toString("latin1", at, at + 200);
    const version = /release version (\d+\.\d+(?:\.\d+)?)/.exec(banner)?.[1];
    return version === undefined ? unknown(`no version in ${glibc}`) : `glibc ${version}`;
  } catch {
    return unknown(`${glibc} is not readable`);
  }
}

function systemTimeZone(): string {
  try {
    const zone = /zoneinfo\/(?:posix\/|right\/)?(.+)$/.exec(readlinkSync("/etc/localtime"))?.[1];
    if (zone !== undefined) return zone;
  } catch {
    // No such link: the runtime may know.
  }
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

function readStart(path: string, bytes: number): string | undefined {
  let fd: number;
  try {
    fd = openSync(path, "r");
  } catch {
    return undefined;
  }
  try {
    const buffer = Buffer.alloc(bytes);
    return buffer.toString("utf8", 0, readSync(fd, buffer));
  } finally {
    closeSync(fd);
  }
}
