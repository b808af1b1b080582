/** What can be done to a value that was found in a path, so that the same thing is always written the same way. */
export const normalisations = {
  trim: (text) => text.trim(),
  "collapse-spaces": (text) => text.replace(/[\s_]+/gu, " "),
  lower: (text) => text.toLowerCase(),
  upper: (text) => text.toUpperCase(),
  title: (text) => text.toLowerCase().replace(word, (found) => found[0]?.toUpperCase() + found.slice(1)),
  /** "01 - Pumps", "1.2 Pumps", "(3) Pumps", "03_Pumps" become "Pumps"; "3D Models" and "2024" stay. */
  "strip-numbering": (text) => text.replace(numbering, "") || text,
} as const satisfies Record<string, (text: string) => string>;

export type Normalisation = keyof typeof normalisations;

export const isNormalisation = (name: string): name is Normalisation => Object.hasOwn(normalisations, name);

const word = /[\p{L}\p{N}][\p{L}\p{N}\p{M}'’]*/gu;
const numbering = /^\s*(?:\(\d{1,3}\)|\d{1,3}(?:\.\d{1,3})*)(?:\s*[-–—._):]+\s*|\s+)/u;
