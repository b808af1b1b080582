/**
 * What a provider calls an account, as a label: one line of at most 200 characters, without control characters and
 * without those that turn the direction of the text around it.
 */
export function labelFrom(text: string): string {
  const line = text
    .replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]+/gu, " ")
    .toWellFormed()
    .trim();
  const characters = Array.from(line);
  return characters.length <= 200 ? line : `${characters.slice(0, 199).join("")}…`;
}
