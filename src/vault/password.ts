import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";
import { AppError, invalidField } from "#core/errors.ts";

const longestBytes = 1024;
const cost = { logN: 17, r: 8, p: 1 };

/**
 * A password as it is kept: `scrypt$17$8$1$<salt>$<hash>` (SR-10). Hashing runs on libuv's threads; see `inTurn`.
 *
 * @throws AppError `invalid_request` for more than 1,024 bytes, `unavailable` when too many wait already
 */
export async function hashPassword(password: string): Promise<string> {
  const text = normalize(password);
  if (Buffer.byteLength(text) > longestBytes) throw invalidField("/password", "Use at most 1,024 bytes.", "too_long");
  const salt = randomBytes(16);
  const hash = await derive(text, salt, cost, 32);
  return `scrypt$${cost.logN}$${cost.r}$${cost.p}$${salt.toString("base64url")}$${hash.toString("base64url")}`;
}

/** Whether a password is the one that was kept. A text that is no kept password fits none. */
export async function verifyPassword(password: string, kept: string): Promise<boolean> {
  const text = normalize(password);
  const parts = /^scrypt\$(\d{1,2})\$(\d{1,2})\$(\d{1,2})\$([\w-]+)\$([\w-]+)$/.exec(kept);
  if (!parts || Buffer.byteLength(text) > longestBytes) return false;
  const [, logN, r, p, salt = "", hash = ""] = parts;
  const expected = Buffer.from(hash, "base64url");
  const found = await derive(
    text,
    Buffer.from(salt, "base64url"),
    { logN: Number(logN), r: Number(r), p: Number(p) },
    expected.length,
  );
  return timingSafeEqual(found, expected);
}

// The same password may be typed as different code points on different keyboards.
const normalize = (password: string) => password.normalize("NFKC");

function derive(text: string, salt: Buffer, { logN, r, p }: typeof cost, length: number): Promise<Buffer> {
  const N = 2 ** logN;
  const options = { N, r, p, maxmem: 128 * N * r + 64 * 1024 * 1024 };
  return inTurn(
    () =>
      new Promise((resolve, reject) =>
        scrypt(text, salt, length, options, (error, key) => (error ? reject(error) : resolve(key))),
      ),
  );
}

// One hash takes 128 MB and a thread of the four that files and names share. Two at a time leave room for both, and a
// queue that cannot grow without end.
const atOnce = 2;
const mostWaiting = 64;
let running = 0;
const waiting: (() => void)[] = [];

async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (running >= atOnce) {
    if (waiting.length >= mostWaiting) {
      throw new AppError("unavailable", "Too many people are signing in right now. Try again in a moment.", {
        retryAfterS: 5,
      });
    }
    // Whoever ends hands its place over, so that nobody slips in between.
    await new Promise<void>((proceed) => waiting.push(proceed));
  } else {
    running++;
  }
  try {
    return await work();
  } finally {
    const next = waiting.shift();
    if (next) next();
    else running--;
  }
}
