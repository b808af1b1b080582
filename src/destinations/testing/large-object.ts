export const PIECE = 128 * 1024;
export const EVERY = 4 * 1024 * 1024;
export const SIZE = 48 * 1024 * 1024;

/** What the object has there: other bytes at every place. */
export const pieceAt = (at: number): Uint8Array => Buffer.alloc(PIECE, `${at / PIECE}.`);
