"use strict";
// Which files the program reads, writes, removes and renames, and what was in them before.

const fs = require("node:fs");
const path = require("node:path");
const { threadId } = require("node:worker_threads");
const { fileURLToPath } = require("node:url");
// Taken now: the program may replace its own.
const { existsSync, lstatSync, copyFileSync } = fs;

module.exports = ({ settings, events, emit, fault, replace }) => {
  const toPath = (target) => {
    if (typeof target === "string") return path.resolve(target);
    if (target instanceof URL) return fileURLToPath(target);
    return Buffer.isBuffer(target) ? path.resolve(target.toString()) : null;
  };
  const foreign = (p) => /^\/(proc|sys|dev)\/|[\\/]node_modules[\\/]/.test(p) || p.startsWith(`${events}/`);
  /** {existed} before the run (a program cannot set ctime back), and the old content of a file of the project. */
  let copies = 0;
  function before(p) {
    const stat = lstatSync(p, { throwIfNoEntry: false });
    if (!stat?.isFile() || stat.ctimeMs >= settings.start) return { existed: false };
    const inside = p.startsWith(`${settings.project}/`) && !/\/(\.git|\.reprise)\//.test(p);
    if (!settings.keep || !inside) return { existed: true };
    if (stat.size > settings.keepMax) return { existed: true, lost: `larger than ${settings.keepMax} bytes` };
    try {
      const name = `${process.pid}-${threadId}-${copies++}`;
      copyFileSync(p, path.join(settings.keep, name), fs.constants.COPYFILE_FICLONE);
      return { existed: true, kept: name };
    } catch (error) {
      return { existed: true, lost: error.code ?? "not copied" };
    }
  }

  const PATHS = 200_000;
  const [reads, touched] = [new Set(), new Set()];
  const first = (set, p) => {
    if (set.has(p) || set.size > PATHS) return false;
    set.add(p);
    return true;
  };

  function onRead(target) {
    const p = toPath(target);
    if (p !== null && !reads.has(p) && !foreign(p) && existsSync(p) && first(reads, p)) emit("read", { p });
  }

  function onWrite(target, m) {
    const p = toPath(target);
    if (p !== null && !foreign(p) && first(touched, p)) emit("write", { p, m, ...before(p) });
  }

  function onRemove(target) {
    const p = toPath(target);
    if (p === null || foreign(p) || !first(touched, p)) return;
    const { existed: _, ...kept } = before(p);
    emit("remove", { p, ...kept });
  }

  function onRename(from, to) {
    const [p, other] = [toPath(from), toPath(to)];
    if (p === null || other === null || foreign(p)) return;
    if (existsSync(p) && before(p).existed) onRemove(from);
    emit("rename", { p, to: other, ...(first(touched, other) ? before(other) : { existed: false }) });
  }

  function onOpen(target, flags = "r") {
    const { O_WRONLY, O_RDWR, O_APPEND, O_TRUNC } = fs.constants;
    let mode = typeof flags === "string" ? flags : "r";
    if (typeof flags === "number" && flags & (O_WRONLY | O_RDWR)) {
      mode = flags & O_APPEND ? "a" : flags & O_TRUNC ? "w" : "r+";
    }
    if (/^rs?$|\+/.test(mode) && !mode.startsWith("w")) onRead(target);
    if (/[wa+]/.test(mode)) onWrite(target, mode);
  }

  const flagOf = (options, standard) => (options && typeof options === "object" && options.flag) || standard;
  const looked = {
    open: ([p, flags]) => onOpen(p, typeof flags === "function" ? "r" : flags),
    readFile: ([p, options]) => onOpen(p, flagOf(options, "r")),
    writeFile: ([p, , options]) => onOpen(p, flagOf(options, "w")),
    appendFile: ([p, , options]) => onOpen(p, flagOf(options, "a")),
    truncate: ([p]) => onOpen(p, "r+"),
    copyFile: ([from, to]) => {
      onRead(from);
      onWrite(to, "w");
    },
    rename: ([from, to]) => onRename(from, to),
    unlink: ([p]) => onRemove(p),
    rm: ([p]) => onRemove(p),
  };
  for (const [name, look] of Object.entries(looked)) {
    const make = (original) =>
      function wrapper(...args) {
        try {
          look(args);
        } catch (error) {
          fault(`fs.${name}`, error);
        }
        return original.apply(this, args);
      };
    for (const [object, spelling] of [
      [fs, name],
      [fs, `${name}Sync`],
      [fs.promises, name],
    ])
      replace(object, spelling, make);
  }
};
