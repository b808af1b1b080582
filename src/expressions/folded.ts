/**
 * Text as it is compared: in one Unicode form and, if wanted, one case. Patterns and paths are folded the same way, so
 * that "Übersicht" typed on one system finds the same name written by another.
 */
export interface Folded {
  readonly text: string;
  /** Where a position of `text` lies in the original. */
  origin(position: number): number;
}

const graphemes = new Intl.Segmenter("und", { granularity: "grapheme" });

export function fold(original: string, caseSensitive: boolean): Folded {
  const text = original.normalize("NFC");
  const folded = caseSensitive ? text : lowerCase(text);
  // Lower case is longer than what it was made from in a few languages; the positions then have to be followed.
  if (text === original && folded.length === text.length) return { text: folded, origin: (position) => position };
  return foldBySteps(original, caseSensitive);
}

function foldBySteps(original: string, caseSensitive: boolean): Folded {
  let text = "";
  const origins: number[] = [];
  for (const { segment, index } of graphemes.segment(original)) {
    const one = segment.normalize("NFC");
    const folded = caseSensitive ? one : lowerCase(one);
    const aligned = folded.length === segment.length;
    for (let unit = 0; unit < folded.length; unit++) origins.push(aligned ? index + unit : index);
    text += folded;
  }
  return { text, origin: (position) => origins[position] ?? original.length };
}

/** A sigma at the end of a word has a lower case of its own, which would depend on what a pattern puts behind it. */
function lowerCase(text: string): string {
  const lower = text.toLowerCase();
  return lower.includes("ς") ? lower.replaceAll("ς", "σ") : lower;
}
