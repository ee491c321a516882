"use strict";
// Chance: Math.random comes from the run's root; clock and the operating system's entropy are noted where the user's own
// code asks, and given back where a replay asks for it.

const crypto = require("node:crypto");
const { readFileSync } = require("node:fs");

module.exports = ({ settings, proc, sha256, emit, fault, guarded, replace, frames, place, rootOf }) => {
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
};
