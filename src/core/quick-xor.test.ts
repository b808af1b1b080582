import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { QuickXor } from "./quick-xor.ts";

/** Microsoft's own way, bit by bit. */
function slowly(bytes: Uint8Array): string {
  const bits = new Uint8Array(160);
  bytes.forEach((byte, at) => {
    for (let bit = 0; bit < 8; bit++) {
      const place = (at * 11 + bit) % 160;
      bits[place] = (bits[place] ?? 0) ^ ((byte >> bit) & 1);
    }
  });
  const hash = new Uint8Array(20);
  bits.forEach((bit, place) => {
    hash[place >> 3] = (hash[place >> 3] ?? 0) | (bit << (place & 7));
  });
  const length = new Uint8Array(new BigUint64Array([BigInt(bytes.length)]).buffer);
  length.forEach((byte, at) => {
    hash[12 + at] = (hash[12 + at] ?? 0) ^ byte;
  });
  return Buffer.from(hash).toString("base64");
}

describe("quickXorHash", () => {
  it("of nothing is nothing", () => {
    expect(new QuickXor().digest()).toBe("AAAAAAAAAAAAAAAAAAAAAAAAAAA=");
  });

  it("is what Microsoft's definition says, however the bytes are cut, and whatever holds them", () => {
    const anyChunk = fc.tuple(fc.uint8Array({ maxLength: 1500, size: "max" }), fc.nat(7), fc.boolean());
    fc.assert(
      fc.property(fc.array(anyChunk, { maxLength: 6 }), (chunks) => {
        const hash = new QuickXor();
        for (const [chunk, shift, inBuffer] of chunks) {
          const held = new Uint8Array(chunk.length + shift);
          held.set(chunk, shift);
          hash.update(inBuffer ? Buffer.from(held.buffer, shift) : held.subarray(shift));
        }
        expect(hash.digest()).toBe(slowly(Buffer.concat(chunks.map(([chunk]) => chunk))));
      }),
    );
  });
});
