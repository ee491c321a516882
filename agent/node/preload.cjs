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

  const fs = require("node:fs");
  const path = require("node:path");
  const crypto = require("node:crypto");
  const { isMainThread, threadId } = require("node:worker_threads");
  const { fileURLToPath } = require("node:url");
  // Taken now: the program may replace its own.
  const { openSync, closeSync, writeSync, readFileSync, existsSync, lstatSync, copyFileSync } = fs;
  const { createHash } = crypto;
  const now = Date.now;
  const settings = {
    project: (env.REPRISE_PROJECT || process.cwd()).replace(/\/+$/, "") || "/",
    root: env.REPRISE_ROOT,
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
    const text = settings.project === "/" ? word : word.replaceAll(settings.project, "<project>");
    const temporary = (env.TMPDIR || "/tmp").replace(/\/$/, "");
    return temporary && text.includes(temporary) ? `${text.slice(0, text.indexOf(temporary))}<tmp>` : text;
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

  // ── whose code is calling ────────────────────────────────────────────────────────────────────────────────────────
  /** [file relative to the project or null for foreign code, line] of each frame from the caller outwards. */
  function frames(below, depth) {
    const { stackTraceLimit, prepareStackTrace } = Error;
    try {
      Error.stackTraceLimit = depth;
      Error.prepareStackTrace = (_, sites) => sites.map((site) => [site.getFileName(), site.getLineNumber()]);
      const holder = {};
      Error.captureStackTrace(holder, below);
      return holder.stack.map(([name, line]) => [userFile(name), line]);
    } finally {
      Error.stackTraceLimit = stackTraceLimit;
      Error.prepareStackTrace = prepareStackTrace;
    }
  }

  const known = new Map();
  function userFile(name) {
    if (typeof name !== "string" || name.startsWith("node:")) return null;
    if (name === "[eval]" || name === "[stdin]") return name;
    let file = known.get(name);
    if (file === undefined) {
      const full = name.startsWith("file://") ? fileURLToPath(name) : name;
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

  // ── Math.random ──────────────────────────────────────────────────────────────────────────────────────────────────
  const SITES = 20;
  /** Stacks are looked at for the first draws and then ever more rarely: a draw must stay cheap. */
  const LOOKS = settings.locate ? 1e5 : 256;

  /** xoshiro128++ on 32-bit words; two of them make the 53 bits of a double. */
  function generator(seed) {
    let [a, b, c, d] = [0, 4, 8, 12].map((at) => seed.readInt32LE(at));
    if ((a | b | c | d) === 0) a = 1;
    const word = () => {
      const sum = (a + d) | 0;
      const result = (((sum << 7) | (sum >>> 25)) + a) | 0;
      const shifted = b << 9;
      c ^= a;
      d ^= b;
      b ^= c;
      a ^= d;
      c ^= shifted;
      d = (d << 11) | (d >>> 21);
      return result >>> 0;
    };
    return () => ((word() >>> 5) * 67108864 + (word() >>> 6)) / 9007199254740992;
  }

  /** Lines "site key TAB root": a stream that is to come from another root. */
  function rootOf(site) {
    const lines = settings.streams ? readFileSync(settings.streams, "utf8").split("\n") : [];
    const line = lines.find((one) => one.startsWith(`${site}\t`));
    return line === undefined ? settings.root : line.slice(site.length + 1);
  }

  guarded("Math.random", () => {
    const site = "Math.random";
    const root = rootOf(site);
    if (!root) return;
    const draw = generator(sha256(root, proc, site));
    const seen = new Set();
    let calls = 0;
    replace(Math, "random", () => {
      function random() {
        if (seen.size < SITES && (calls < LOOKS || (calls & (calls - 1)) === 0)) look();
        calls += 1;
        return draw();
      }
      function look() {
        try {
          const [f, l] = place(random);
          const key = `${f}:${l}`;
          if (seen.has(key)) return;
          seen.add(key);
          emit("gen", { name: site, f, l, n: 0, key: site });
        } catch (error) {
          fault("Math.random", error);
        }
      }
      return random;
    });
  });

  // ── clock and operating system's entropy: noted where the user's own code asks, given back where a replay asks ───
  const heldKey = (f, l, name, n) => [f, l, name, n].join("\0");
  const held = new Map();
  guarded("hold", () => {
    if (!settings.hold) return;
    for (const line of readFileSync(settings.hold, "utf8").split("\n")) {
      const event = line ? JSON.parse(line) : {};
      if (event.e !== "val" || event.count !== undefined) continue;
      if (event.proc === undefined || event.proc === proc)
        held.set(heldKey(event.f, event.l, event.name, event.n), event.v);
    }
  });

  function noted(object, name, label, kind, show, revive) {
    const counts = new Map();
    let looks = 0;
    let last;
    /** The held value; behind the last of them a clock goes on from there. */
    function instead(value, f, l, n) {
      const recorded = held.get(heldKey(f, l, label, n));
      if (recorded !== undefined) {
        last = [revive(recorded, value), value];
        return last[0];
      }
      return last !== undefined && kind === "clock" ? last[0] + (value - last[1]) : value;
    }
    replace(object, name, (original) => {
      function wrapper(...args) {
        const value = original.apply(this, args);
        // With a callback the value comes later, and is not followed.
        if ((looks >= LOOKS && held.size === 0) || typeof args.at(-1) === "function") return value;
        try {
          return look(value);
        } catch (error) {
          fault(label, error);
          return value;
        }
      }
      function look(value) {
        looks += 1;
        const [f, l] = kind === "clock" ? (frames(wrapper, 1)[0] ?? [null]) : place(wrapper);
        if (f === null) return value;
        const n = counts.get(`${f}:${l}`) ?? 0;
        counts.set(`${f}:${l}`, n + 1);
        const given = held.size > 0 && revive !== undefined ? instead(value, f, l, n) : value;
        if (n < SITES) emit("val", { kind, name: label, f, l, n, v: show(given) });
        return given;
      }
      return wrapper;
    });
  }
  const hex = (bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, 64)).toString("hex");
  const bytesOf = (text, real) => (text.length === 2 * real.length ? Buffer.from(text, "hex") : real);
  noted(Date, "now", "Date.now", "clock", String, Number);
  noted(crypto, "randomUUID", "crypto.randomUUID", "os-entropy", String, String);
  noted(crypto, "randomBytes", "crypto.randomBytes", "os-entropy", hex, bytesOf);
  noted(crypto, "randomInt", "crypto.randomInt", "os-entropy", String, Number);
  guarded("webcrypto", () => {
    const web = Object.getPrototypeOf(crypto.webcrypto);
    noted(web, "getRandomValues", "crypto.getRandomValues", "os-entropy", hex);
    noted(web, "randomUUID", "crypto.randomUUID", "os-entropy", String, String);
  });

  // ── files ────────────────────────────────────────────────────────────────────────────────────────────────────────
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

  // ── processes below this one ─────────────────────────────────────────────────────────────────────────────────────
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

  // ── the end ──────────────────────────────────────────────────────────────────────────────────────────────────────
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
  const own = (files) => files.filter((file) => file !== __filename && path.isAbsolute(file)).sort();

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

  guarded("esm", () => require("node:module").syncBuiltinESMExports());
})();
