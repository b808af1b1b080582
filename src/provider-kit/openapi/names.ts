/** `listForUser`, `repos/list-for-user` and `List for user` as `list_for_user`; at most `longest` characters. */
export function toSnake(text: string, longest: number): string {
  const words = text
    .slice(0, longest * 4)
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replace(/([A-Z]+)([A-Z][a-z])/g, "$1_$2")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^_+|_+$/g, "");
  const named = /^[a-z]/.test(words) ? words : `x_${words}`;
  return named.slice(0, longest).replace(/_+$/, "");
}

/** Names that are given out once. */
export class Names {
  readonly #taken = new Set<string>();

  /** The name itself, or with the lowest number behind it that makes it another. */
  unique(name: string, longest: number): string {
    let made = name;
    for (let number = 2; this.#taken.has(made); number++) {
      const suffix = `_${number}`;
      made = name.slice(0, longest - suffix.length) + suffix;
    }
    this.#taken.add(made);
    return made;
  }
}

/** One line of at most `longest` characters; undefined where nothing is left. */
export function oneLineOf(text: unknown, longest: number): string | undefined {
  if (typeof text !== "string") return undefined;
  const line = text
    .slice(0, longest * 4)
    .replace(/[\p{Cc}\p{Z}]+/gu, " ")
    .toWellFormed()
    .trim();
  if (line === "") return undefined;
  return line.length <= longest
    ? line
    : `${line
        .slice(0, longest - 1)
        .toWellFormed()
        .trimEnd()}…`;
}
