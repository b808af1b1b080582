/** Takes bytes in portions, whatever pieces they come in. */
export class ByteReader {
  readonly #pieces: AsyncIterator<Uint8Array>;
  #rest: Uint8Array = new Uint8Array(0);

  constructor(bytes: AsyncIterable<Uint8Array>) {
    this.#pieces = bytes[Symbol.asyncIterator]();
  }

  /** So many bytes; fewer only at the end. */
  async read(length: number): Promise<Uint8Array> {
    const taken: Uint8Array[] = [];
    let missing = length;
    while (missing > 0) {
      if (this.#rest.length === 0) {
        const { done, value } = await this.#pieces.next();
        if (done) break;
        this.#rest = value;
        continue;
      }
      const piece = this.#rest.subarray(0, missing);
      this.#rest = this.#rest.subarray(piece.length);
      missing -= piece.length;
      taken.push(piece);
    }
    const [only] = taken;
    return only && taken.length === 1 ? only : Buffer.concat(taken);
  }

  /** What is left, piece by piece. */
  async *rest(): AsyncGenerator<Uint8Array> {
    while (true) {
      const rest = this.#rest;
      this.#rest = new Uint8Array(0);
      if (rest.length > 0) yield rest;
      const { done, value } = await this.#pieces.next();
      if (done) return;
      this.#rest = value;
    }
  }

  async close(): Promise<void> {
    await this.#pieces.return?.();
  }
}
