"use strict";
// Reprise's agent for Node, brought in by NODE_OPTIONS=--require. Writes event lines (docs/format/events.md) and seeds
// Math.random from the run's root. Prints nothing, raises nothing: whatever fails in here, the run goes on.

(() => {
  const env = process.env;
  const events = env.REPRISE_EVENTS;
  if (!events || globalThis[Symbol.for("reprise.agent")]) return;
  // Package managers only start what we are after; their own reads and draws are not the user's.
  const main = process.argv[1] ?? "";
  if (/(^|[\\/])(npm|npx|yarn|pnpm|pnpx|corepack)(-cli)?(\.[cm]?js)?$/.test(main)) return;

  const path = require("node:path");
  const { isMainThread, threadId } = require("node:worker_threads");
  // Taken now: the program may replace its own.
  const { openSync, closeSync, writeSync, readFileSync } = require("node:fs");
  const { createHash } = require("node:crypto");
  const now = Date.now;
  const settings = {
    project: (env.REPRISE_PROJECT || process.cwd()).replace(/\/+$/, "") || "/",
    root: env.REPRISE_ROOT,
    seeds: (env.REPRISE_SEEDS || "").split(" "),
    start: Number(env.REPRISE_START) * 1000 || now(),
    locate: env.REPRISE_LOCATE === "1",
    streams: env.REPRISE_STREAMS,
    hold: env.REPRISE_HOLD,
    keep: env.REPRISE_KEEP,
    keepMax: Number(env.REPRISE_KEEP_MAX) || 64 << 20,
  };
  const sha256 = (...parts) => createHash("sha256").update(parts.join("\0")).digest();
  const line = [...process.execArgv, ...process.argv.slice(1)];
  const proc = isMainThread ? identify() : `${env.REPRISE_PROC || "0"}/thread#${threadId}`;
  Object.defineProperty(globalThis, Symbol.for("reprise.agent"), { value: proc });

  // ── the key of this process in the tree, the same in every replay (agent/python's process.py has the same rules) ──
  /** `key`, or `key#n` for the n-th process of that key: a marker file is made by one process alone. */
  function claim(key, always) {
    for (let n = 0; n < 100_000; n += 1) {
      const candidate = n === 0 && !always ? key : `${key}#${n}`;
      try {
        closeSync(openSync(`${events}/.proc-${sha256(candidate).toString("hex").slice(0, 24)}`, "wx", 0o600));
        return candidate;
      } catch (error) {
        if (error.code !== "EEXIST") return candidate;
      }
    }
    return key;
  }

  /** An argument without what differs from run to run: the places of the project and of temporary files. */
  function normal(word) {
    // In a replay links may still lead into the recorded project, and both kinds of temporary folder occur.
    const recorded = (env.REPRISE_REMAP || "").split("=>")[0];
    let text = word;
    for (const root of [settings.project, recorded])
      if (root && root !== "/") text = text.replaceAll(root, "<project>");
    const temporary = (env.TMPDIR || "/tmp").replace(/\/$/, "");
    for (const folder of [temporary, "/tmp"])
      if (folder && text.includes(folder)) text = `${text.slice(0, text.indexOf(folder))}<tmp>`;
    return text;
  }

  function identify() {
    const hash = sha256(...line.map(normal))
      .toString("hex")
      .slice(0, 8);
    let key = env.REPRISE_PROC ? claim(`${env.REPRISE_PROC}/${hash}`, true) : claim("0", false);
    if (!env.REPRISE_PROC && key !== "0") key = claim(`0/${hash}`, true);
    env.REPRISE_PROC = key;
    return key;
  }

  // ── event lines ──────────────────────────────────────────────────────────────────────────────────────────────────
  let fd = -1;
  function emit(e, fields) {
    try {
      if (fd < 0) fd = openSync(`${events}/${process.pid}-${threadId}-${now().toString(16)}.jsonl`, "a", 0o600);
      writeSync(fd, `${JSON.stringify({ e, ...fields })}\n`);
    } catch {
      // the folder is gone or the disk is full
    }
  }

  const faults = new Set();
  function fault(what, error) {
    if (faults.size > 50 || faults.has(what)) return;
    faults.add(what);
    emit("fault", { what, why: String(error).slice(0, 500) });
  }

  /** Runs a piece of our own; its failure is a line, never the program's. */
  function guarded(what, work) {
    try {
      return work();
    } catch (error) {
      fault(what, error);
      return undefined;
    }
  }

  /** Puts a wrapper in the place of a method, so that nobody who looks sees a difference. */
  function replace(object, name, make) {
    guarded(`replace ${name}`, () => {
      const slot = Object.getOwnPropertyDescriptor(object, name);
      if (!slot || typeof slot.value !== "function" || !slot.configurable) return;
      const original = slot.value;
      const wrapper = make(original);
      for (const key of Reflect.ownKeys(original)) {
        if (key !== "prototype") Object.defineProperty(wrapper, key, Object.getOwnPropertyDescriptor(original, key));
      }
      wrapper.toString = () => Function.prototype.toString.call(original);
      Object.defineProperty(wrapper, "toString", { enumerable: false });
      Object.defineProperty(object, name, { ...slot, value: wrapper });
    });
  }

  guarded("hello", () => {
    const { pid, ppid, execPath, version } = process;
    const prefix = path.dirname(path.dirname(execPath));
    emit("hello", {
      v: 1,
      pid,
      ppid,
      proc,
      lang: "node",
      version: version.slice(1),
      impl: "node",
      exe: execPath,
      prefix,
      base: prefix,
      argv: [process.argv0, ...line],
      cwd: process.cwd(),
      path: [],
      t: now() / 1000,
    });
  });

  /** Lines "site key TAB root": a stream that is to come from another root. */
  function rootOf(site) {
    const lines = settings.streams ? readFileSync(settings.streams, "utf8").split("\n") : [];
    const found = lines.find((one) => one.startsWith(`${site}\t`));
    return found === undefined ? settings.root : found.slice(site.length + 1).split("\t")[0];
  }

  const agent = { settings, events, main, proc, sha256, emit, fault, guarded, replace, rootOf, last: [] };
  Object.assign(
    agent,
    guarded("caller", () => require("./caller.cjs")(agent)),
  );
  guarded("entropy", () => require("./entropy.cjs")(agent));
  guarded("library", () => require("./library.cjs")(agent));
  guarded("files", () => require("./files.cjs")(agent));
  guarded("ending", () => require("./ending.cjs")(agent));
  guarded("esm", () => require("node:module").syncBuiltinESMExports());
})();
