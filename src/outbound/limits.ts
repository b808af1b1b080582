/** How long and how large things outside may be (SR-20). An operator may lower them; each always has a value. */
export interface Limits {
  /** Until a connection stands, DNS and TLS included. */
  connectMs: number;
  /** From the request's last byte to the whole head of the answer. */
  firstByteMs: number;
  /** A request with redirects and its body; for files until the head of the answer. */
  wholeMs: number;
  /** Silence within a body. */
  idleMs: number;
  /** Head of an answer. */
  headerBytes: number;
  /** Body of a step, after decompression. A file may be as large as it likes. */
  bodyBytes: number;
  redirects: number;
}

export const defaultLimits: Limits = {
  connectMs: 5_000,
  firstByteMs: 15_000,
  wholeMs: 30_000,
  idleMs: 30_000,
  headerBytes: 64 * 1024,
  bodyBytes: 10 * 1024 * 1024,
  redirects: 5,
};
