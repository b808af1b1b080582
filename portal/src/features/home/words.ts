/** The name of a kind of destination, for its glyph. */
export function destinationName(kind: string): string {
  if (kind === "none") return "Metadata only";
  if (kind === "local-folder") return "Local folder";
  return kind;
}
