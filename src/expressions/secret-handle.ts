import { inspect } from "node:util";
import type { Json } from "./json.ts";
import { type Place, places } from "./place.ts";

/** A workspace secret by its name (SR-25). The value is not in it: outbound asks the vault for that. */
export class SecretHandle {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
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
}

/** A text whose secrets are still to be filled in; shown, logged or stored, it has `[secret]` in their place. */
export class ResolvedText {
  /** Texts are encoded for the place already. */
  readonly parts: readonly (string | SecretHandle)[];
  readonly place: Place;

  constructor(place: Place, parts: readonly (string | SecretHandle)[]) {
    this.place = place;
    this.parts = parts;
  }

  get secrets(): readonly SecretHandle[] {
    return this.parts.filter((part) => typeof part !== "string");
  }

  /** The text as it is sent. `reveal` gives a secret's value, which is encoded for the place like any other. */
  fill(reveal: (secret: SecretHandle) => string): string {
    const { encode } = places[this.place];
    return this.parts.map((part) => (typeof part === "string" ? part : encode(reveal(part)))).join("");
  }

  toString(): string {
    return this.parts.join("");
  }

  toJSON(): string {
    return this.toString();
  }

  [inspect.custom](): string {
    return this.toString();
  }
}

/** JSON in which some texts wait for their secrets. */
export type ResolvedJson = Json | ResolvedText | readonly ResolvedJson[] | { readonly [key: string]: ResolvedJson };

/** The value as it is sent. Objects in it have no prototype. */
export function fillSecrets(value: ResolvedJson, reveal: (secret: SecretHandle) => string): Json {
  if (value instanceof ResolvedText) return value.fill(reveal);
  if (Array.isArray(value)) return value.map((entry: ResolvedJson) => fillSecrets(entry, reveal));
  if (typeof value !== "object" || value === null) return value;
  const filled: Record<string, Json> = Object.create(null);
  for (const [key, entry] of Object.entries(value)) filled[key] = fillSecrets(entry, reveal);
  return filled;
}
