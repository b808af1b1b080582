/**
 * quickXorHash, which OneDrive tells of its files: 160 bits, each byte of the content XORed in 11 bits further on, at the
 * end the length. https://learn.microsoft.com/en-us/onedrive/developer/code-snippets/quickxorhash
 */
export class QuickXor {
  /** Bytes whose distance is a multiple of 160 fall on the same bits, so they are folded together first. */
  readonly #folded = new Uint32Array(COLUMNS / 4);
  readonly #bytes = new Uint8Array(this.#folded.buffer);
  #length = 0;

  update(chunk: Uint8Array): this {
    let at = 0;
    let column = this.#length % COLUMNS;
    const isAligned = () => column === 0 && (chunk.byteOffset + at) % 4 === 0;
    while (at < chunk.length && !isAligned()) {
      if (column === 0 && chunk.length - at >= COLUMNS) break;
      this.#bytes[column] = (this.#bytes[column] ?? 0) ^ (chunk[at] ?? 0);
      column = (column + 1) % COLUMNS;
      at += 1;
    }
    const blocks = Math.floor((chunk.length - at) / COLUMNS);
    if (blocks > 0) {
      const isFitting = (chunk.byteOffset + at) % 4 === 0;
      const part = chunk.subarray(at, at + blocks * COLUMNS);
      // The slice of a Buffer is no copy.
      const bytes = isFitting ? part : new Uint8Array(part);
      const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
      const folded = this.#folded;
      for (let word = 0, place = 0; word < words.length; word++) {
        folded[place] = (folded[place] ?? 0) ^ (words[word] ?? 0);
        place = place + 1 === folded.length ? 0 : place + 1;
      }
      at += bytes.length;
    }
    for (; at < chunk.length; at++) {
      this.#bytes[column] = (this.#bytes[column] ?? 0) ^ (chunk[at] ?? 0);
      column = (column + 1) % COLUMNS;
    }
    this.#length += chunk.length;
    return this;
  }

  /** What `restore` goes on from, in another process perhaps. */
  save(): { folded: string; length: number } {
    return { folded: this.#bytes.toBase64(), length: this.#length };
  }

  restore(saved: { folded: string; length: number }): this {
    this.#bytes.set(Uint8Array.fromBase64(saved.folded));
    this.#length = saved.length;
    return this;
  }

  /** In base64, as Microsoft writes it. */
  digest(): string {
    const words = new Uint32Array(BITS / 32);
    for (let column = 0; column < COLUMNS; column++) {
      const byte = this.#bytes[column] ?? 0;
      const bit = (column * SHIFT) % BITS;
      const [word, offset] = [bit >>> 5, bit & 31];
      words[word] = (words[word] ?? 0) ^ (byte << offset);
      // What does not fit goes on in the next word, and behind the last one in the first.
      const next = (word + 1) % words.length;
      if (offset > 24) words[next] = (words[next] ?? 0) ^ (byte >>> (32 - offset));
    }
    const bytes = new DataView(new ArrayBuffer(BITS / 8));
    for (const [at, word] of words.entries()) bytes.setUint32(at * 4, word, true);
    const end = BITS / 8 - 8;
    bytes.setBigUint64(end, bytes.getBigUint64(end, true) ^ BigInt(this.#length), true);
    return Buffer.from(bytes.buffer).toString("base64");
  }
}

const BITS = 160;
const SHIFT = 11;
const COLUMNS = 160;
