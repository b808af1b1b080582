/**
 * The class of secrets together with the only two functions that unwrap one. Only vault/ and outbound/ may import this
 * file (SR-8, held by the import rules); everybody else imports the class from `secret.ts`.
 */
import { inspect } from "node:util";

let bytesOf: (secret: Secret) => Uint8Array;

/**
 * A value that must not be seen. It shows as `[secret]` wherever it is printed or turned into JSON, and throws where it
 * is made part of a text or of a sum, because a text with `[secret]` in it would travel on as if it were right.
 */
export class Secret {
  readonly #bytes: Uint8Array;

  static {
    bytesOf = (secret) => secret.#bytes;
  }

  constructor(value: string | Uint8Array) {
    this.#bytes = typeof value === "string" ? new TextEncoder().encode(value) : Uint8Array.from(value);
  }

  toString(): string {
    return "[secret]";
  }

  toJSON(): string {
    return "[secret]";
  }

  [inspect.custom](): string {
    return "[secret]";
  }

  [Symbol.toPrimitive](): never {
    throw new TypeError("A secret cannot be made part of a text or a number. Hand it to outbound as it is.");
  }
}

/** One secret of several texts and secrets, in their order; nobody has to open them for that. */
export function joinSecrets(parts: readonly (string | Secret)[]): Secret {
  return new Secret(Buffer.concat(parts.map((part) => bytesOf(part instanceof Secret ? part : new Secret(part)))));
}

/** The value as text. Throws a TypeError where the value is not UTF-8 (then it was sealed as bytes). */
export function reveal(secret: Secret): string {
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytesOf(secret));
}

/** The value as bytes; a copy, so that nobody can change the secret through it. */
export function revealBytes(secret: Secret): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(bytesOf(secret));
}
