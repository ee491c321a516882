"use strict";
// Whose code is calling: files and lines of the user's own, from the stack.

const path = require("node:path");
const { findSourceMap } = require("node:module");
const { fileURLToPath } = require("node:url");

/** @param main the program that was started: the user's own even outside of the project */
module.exports = ({ settings, main }) => {
  /** [file relative to the project or null for foreign code, line] of each frame from the caller outwards. */
  function frames(below, depth) {
    const { stackTraceLimit, prepareStackTrace } = Error;
    try {
      Error.stackTraceLimit = depth;
      Error.prepareStackTrace = (_, sites) =>
        sites.map((site) => [site.getFileName(), site.getLineNumber(), site.getColumnNumber()]);
      const holder = {};
      Error.captureStackTrace(holder, below);
      return holder.stack.map(written);
    } finally {
      Error.stackTraceLimit = stackTraceLimit;
      Error.prepareStackTrace = prepareStackTrace;
    }
  }

  /** Where the user wrote it: what runs may have been made from TypeScript, with another number of lines. */
  function written([name, line, column]) {
    const file = userFile(name);
    if (file === null || !process.sourceMapsEnabled) return [file, line];
    try {
      const found = findSourceMap(name)?.findOrigin(line, column);
      if (found?.fileName === undefined) return [file, line];
      const source = found.fileName;
      const full = source.startsWith("file://") ? source : path.resolve(path.dirname(pathOf(name)), source);
      return [userFile(full) ?? file, found.lineNumber];
    } catch {
      return [file, line];
    }
  }

  const pathOf = (name) => (name.startsWith("file://") ? fileURLToPath(name) : name);
  const known = new Map();
  function userFile(name) {
    if (typeof name !== "string" || name.startsWith("node:")) return null;
    if (name === "[eval]" || name === "[stdin]") return name;
    let file = known.get(name);
    if (file === undefined) {
      const full = pathOf(name);
      const inside = settings.project === "/" ? "/" : `${settings.project}/`;
      if (!path.isAbsolute(full) || /[\\/]node_modules[\\/]/.test(full)) file = null;
      else if (full.startsWith(inside)) file = full.slice(inside.length);
      else file = full === main ? full : null;
      known.set(name, file);
    }
    return file;
  }

  /** The nearest frame of the user's own, [null, null] when there is none. */
  const place = (below) => frames(below, 30).find(([file]) => file !== null) ?? [null, null];

  return { frames, place };
};
