/**
 * A workspace's part of portal addresses, made from its name: `Harbour Süd & Co` is `harbour-sud-co`. The first attempt
 * is the plain one, later ones have random letters at the end; so have names without a letter that could be used.
 */
export function slugFor(name: string, attempt: number): string {
  const plain = name
    .normalize("NFKD")
    .toLowerCase()
    .replaceAll("ß", "ss")
    .replaceAll(/\p{Mark}/gu, "")
    .replaceAll(/[^a-z0-9]+/g, "-")
    .slice(0, 48)
    .replaceAll(/^-+|-+$/g, "");
  if (attempt === 0 && plain && !reserved.has(plain)) return plain;
  return `${plain || "workspace"}-${randomLetters(attempt < 3 ? 4 : 10)}`;
}

// Words that an address may need for itself one day.
const reserved = new Set(["new", "admin", "api", "me", "settings"]);

function randomLetters(count: number): string {
  const letters = "abcdefghijkmnpqrstuvwxyz23456789";
  return Array.from(crypto.getRandomValues(new Uint8Array(count)), (byte) => letters[byte % letters.length]).join("");
}
