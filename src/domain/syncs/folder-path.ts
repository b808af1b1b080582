// The path of a folder below its drive, as rules see it: `/Engineering/Manuals`, and nothing for the top.

/** A path in whatever form it was entered. */
export function toFolderPath(text: string): string {
  const names = text.split("/").filter((name) => name !== "");
  return names.map((name) => `/${name}`).join("");
}

/** A name in a folder. A slash within the name must not look like a folder. */
export const below = (folder: string, name: string): string => `${folder}/${name.replaceAll("/", "\u2215")}`;
