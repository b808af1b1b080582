/** Parts as bytes, each after its length: without it ("ab", "c") and ("a", "bc") would be the same bytes. */
export function lengthPrefixed(parts: readonly string[]): Uint8Array {
  const bytes = parts.flatMap((part) => {
    const text = Buffer.from(part, "utf8");
    const length = Buffer.alloc(4);
    length.writeUInt32BE(text.length);
    return [length, text];
  });
  return Buffer.concat(bytes);
}
