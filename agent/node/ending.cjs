"use strict";
// Processes below this one, and what is said when this one ends: its modules and its memory-mapped files.

const path = require("node:path");
const { readFileSync } = require("node:fs");
const { fileURLToPath } = require("node:url");

module.exports = ({ settings, emit, guarded, place, last }) => {
  guarded("spawn", () => {
    require("node:diagnostics_channel").subscribe("child_process", ({ process: child }) => {
      const { spawn } = child;
      child.spawn = function start(options) {
        delete child.spawn;
        guarded("spawn", () => {
          const [f, l] = place(start);
          emit("spawn", { argv: (options.args ?? [options.file]).map(String), f, l });
        });
        return spawn.call(this, options);
      };
    });
  });

  let imports = false;
  guarded("import", () => {
    const { subscribe } = require("node:diagnostics_channel");
    subscribe("tracing:module.import:start", () => {
      imports = true;
    });
  });

  /** Every script that is alive. Those that are not CommonJS are named by the inspector, which costs 17 ms. */
  function scripts() {
    const found = new Set(Object.keys(require.cache));
    if (!imports && (process.argv[1] === undefined || found.has(process.argv[1]))) return own([...found]);
    guarded("modules", () => {
      const { Session } = require("node:inspector");
      const session = new Session();
      session.connect();
      session.on("Debugger.scriptParsed", ({ params }) => {
        if (params.url.startsWith("file://")) found.add(fileURLToPath(params.url));
      });
      session.post("Debugger.enable");
      session.disconnect();
    });
    return own([...found]);
  }
  const own = (files) => files.filter((file) => path.dirname(file) !== __dirname && path.isAbsolute(file)).sort();

  /** Modules of the project one by one, of each package one file. */
  function modules() {
    const packages = new Map();
    for (const file of scripts()) {
      const inPackage = /^.*[\\/]node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+)[\\/]/.exec(file);
      const name = inPackage ? inPackage[1] : path.relative(settings.project, file);
      if (!packages.has(name)) packages.set(name, file);
    }
    return [...packages];
  }

  function maps() {
    const lines = readFileSync("/proc/self/maps", "utf8").split("\n");
    const files = lines.map((line) => (line.includes("/") ? line.slice(line.indexOf("/")) : ""));
    const kept = files.filter((file) => file && !/ \(deleted\)$|^\/(dev|proc|memfd:)/.test(file));
    return [...new Set(kept)].sort((a, b) => (a < b ? -1 : 1));
  }

  let ended = false;
  function finish() {
    if (ended) return;
    ended = true;
    for (const work of last) guarded("end", work);
    const files = guarded("modules", modules) ?? [];
    emit("end", { how: "atexit", modules: files, maps: guarded("maps", maps) ?? [], frameworks: {} });
  }
  // Not a listener: it would count, and one too many makes Node print a warning.
  guarded("exit", () => {
    const original = process.emit;
    const value = function emit(name) {
      try {
        // biome-ignore lint/complexity/noArguments: handed on as they are, at no cost
        return original.apply(this, arguments);
      } finally {
        if (name === "exit") finish();
      }
    };
    Object.defineProperty(process, "emit", { value, writable: true, configurable: true, enumerable: false });
  });
};
