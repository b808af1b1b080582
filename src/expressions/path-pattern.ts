import type { Found, SegmentMatcher } from "./segment.ts";

/** A segment's matcher, or any number of segments. */
export type PathPiece = SegmentMatcher | "any-depth";

/** Where each segment of a path begins and ends; a path without names has none. */
export function segmentsIn(path: string): [start: number, end: number][] {
  const segments: [number, number][] = [];
  for (let start = 0; start <= path.length; ) {
    const slash = path.indexOf("/", start);
    const end = slash < 0 ? path.length : slash;
    if (end > start) segments.push([start, end]);
    start = end + 1;
  }
  return segments;
}

/**
 * Matches the segments of a path against pieces: those before the first `any-depth` at its beginning, those after the
 * last at its end, all others where they come first. As with gaps in a segment, nothing is tried twice.
 */
export function compilePath(pieces: readonly PathPiece[]) {
  const runs = splitAtAnyDepth(pieces);
  const [first, ...others] = runs;
  const last = others.pop();
  const least = runs.reduce((sum, run) => sum + run.length, 0);

  return (path: string, segments: readonly [number, number][], found?: Found[]): boolean => {
    const fitsAt = (run: readonly SegmentMatcher[], at: number): boolean => {
      const known = found?.length ?? 0;
      const fits = run.every((matcher, offset) => {
        const segment = segments[at + offset];
        return segment !== undefined && matcher.fits(path, segment[0], segment[1], found);
      });
      if (!fits && found) found.length = known;
      return fits;
    };

    if (segments.length < least || (last === undefined && segments.length > least)) return false;
    if (!fitsAt(first ?? [], 0)) return false;
    if (last === undefined) return true;
    let at = first?.length ?? 0;
    for (const run of others) {
      while (at + run.length <= segments.length && !fitsAt(run, at)) at++;
      at += run.length;
    }
    const start = segments.length - last.length;
    return start >= at && fitsAt(last, start);
  };
}

function splitAtAnyDepth(pieces: readonly PathPiece[]): SegmentMatcher[][] {
  const runs: SegmentMatcher[][] = [[]];
  for (const piece of pieces) {
    if (piece === "any-depth") runs.push([]);
    else runs.at(-1)?.push(piece);
  }
  return runs;
}
