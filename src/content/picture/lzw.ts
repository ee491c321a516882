import { Unreadable } from "../unseen.ts";

const MOST = 4096;

/** Unpacks GIF's kind of LZW to exactly `count` indices of colours. */
export function unpackLzw(packed: Uint8Array, bits: number, count: number): Uint8Array {
  if (bits < 1 || bits > 11) throw new Unreadable("GIF: codes of an impossible width");
  const words = new Words(1 << bits, count);
  const [clear, end] = [1 << bits, (1 << bits) + 1];
  let [width, held, waiting] = [bits + 1, 0, 0];
  for (const byte of packed) {
    held |= byte << waiting;
    waiting += 8;
    while (waiting >= width) {
      const code = held & ((1 << width) - 1);
      held >>= width;
      waiting -= width;
      if (code === end) return words.done();
      if (code === clear) words.forget();
      else words.add(code);
      width = words.widthAfter(bits + 1);
    }
  }
  return words.done();
}

/** Strings of indices met so far: each is an earlier one and one index more. */
class Words {
  readonly #before = new Uint16Array(MOST);
  readonly #last = new Uint8Array(MOST);
  readonly #first = new Uint8Array(MOST);
  readonly #length = new Uint16Array(MOST);
  readonly #out: Uint8Array;
  #end = 0;
  #next: number;
  #previous = -1;

  constructor(
    readonly clear: number,
    count: number,
  ) {
    this.#next = clear + 2;
    this.#out = new Uint8Array(count);
    for (let index = 0; index < clear; index += 1) {
      this.#last[index] = index;
      this.#first[index] = index;
      this.#length[index] = 1;
    }
  }

  forget(): void {
    this.#next = this.clear + 2;
    this.#previous = -1;
  }

  add(code: number): void {
    const previous = this.#previous;
    if (previous < 0 ? code >= this.clear : code > this.#next || code >= MOST)
      throw new Unreadable("GIF: an unknown code");
    if (previous >= 0 && this.#next < MOST) {
      this.#before[this.#next] = previous;
      this.#last[this.#next] = this.#first[code === this.#next ? previous : code] ?? 0;
      this.#first[this.#next] = this.#first[previous] ?? 0;
      this.#length[this.#next] = (this.#length[previous] ?? 0) + 1;
      this.#next += 1;
    }
    this.#write(code);
    this.#previous = code;
  }

  widthAfter(least: number): number {
    return Math.min(12, Math.max(least, 32 - Math.clz32(this.#next)));
  }

  done(): Uint8Array {
    if (this.#end !== this.#out.length) throw new Unreadable("GIF: fewer pixels than stated");
    return this.#out;
  }

  #write(code: number): void {
    const from = this.#end;
    this.#end += this.#length[code] ?? 0;
    if (this.#end > this.#out.length) throw new Unreadable("GIF: more pixels than stated");
    for (let [at, word] = [this.#end - 1, code]; at >= from; at -= 1) {
      this.#out[at] = this.#last[word] ?? 0;
      word = this.#before[word] ?? 0;
    }
  }
}
