// Matches one segment of a path. A pattern is text with gaps in it, and every gap ends where the text behind it comes
// first: that finds a match whenever there is one, and nothing is ever tried twice.

export type Token =
  | { kind: "text"; text: string }
  | { kind: "one"; fits: (codePoint: number) => boolean }
  | { kind: "gap"; least: 0 | 1; part?: string };

/** What a gap with a name stood for, as positions in the text that was matched. */
export interface Found {
  part: string;
  start: number;
  end: number;
}

export interface SegmentMatcher {
  /** Whether `text` from `start` to `end` fits; what the named gaps stood for is added to `found`. */
  fits(text: string, start: number, end: number, found?: Found[]): boolean;
}

type Piece = { gap: Extract<Token, { kind: "gap" }> } | { run: Run };

export function compileSegment(tokens: readonly Token[]): SegmentMatcher {
  const pieces = toPieces(tokens);
  const last = pieces.length - 1;
  return {
    fits(text, start, end, found) {
      let position = start;
      for (let at = 0; at <= last; at++) {
        const piece = pieces[at];
        if (piece === undefined) return false;
        if ("run" in piece) {
          position = piece.run.endAt(text, position, end);
          if (position < 0 || (at === last && position !== end)) return false;
          continue;
        }
        const { least, part } = piece.gap;
        const from = least === 0 ? position : position + lengthAt(text, position);
        const next = pieces[at + 1];
        let stop = end;
        if (next !== undefined && "run" in next) {
          stop = at + 1 === last ? next.run.startBefore(text, end) : next.run.find(text, from, end);
        }
        if (stop < from || from > end) return false;
        if (part !== undefined) found?.push({ part, start: position, end: stop });
        position = stop;
      }
      return position === end;
    },
  };
}

function toPieces(tokens: readonly Token[]): Piece[] {
  const pieces: Piece[] = [];
  let run: Exclude<Token, { kind: "gap" }>[] = [];
  const endRun = () => {
    if (run.length > 0) pieces.push({ run: compileRun(run) });
    run = [];
  };
  for (const token of tokens) {
    if (token.kind !== "gap") {
      run.push(token);
      continue;
    }
    endRun();
    const before = pieces.at(-1);
    // Two gaps beside each other, as alternatives can make them, are one.
    if (before === undefined || "run" in before || token.part !== undefined) pieces.push({ gap: token });
  }
  endRun();
  return pieces;
}

/** Text and single characters between two gaps. Positions are -1 where it does not fit. */
interface Run {
  endAt(text: string, position: number, end: number): number;
  find(text: string, from: number, end: number): number;
  startBefore(text: string, end: number): number;
}

function compileRun(tokens: readonly Exclude<Token, { kind: "gap" }>[]): Run {
  return tokens.every((token) => token.kind === "text")
    ? plainRun(tokens.map((token) => token.text).join(""))
    : mixedRun(tokens);
}

function plainRun(wanted: string): Run {
  return {
    endAt: (text, position, end) =>
      position + wanted.length <= end && text.startsWith(wanted, position) ? position + wanted.length : -1,
    find(text, from, end) {
      const at = text.indexOf(wanted, from);
      return at >= 0 && at + wanted.length <= end ? at : -1;
    },
    startBefore: (text, end) => (text.endsWith(wanted, end) ? end - wanted.length : -1),
  };
}

function mixedRun(tokens: readonly Exclude<Token, { kind: "gap" }>[]): Run {
  const characters = tokens.reduce((sum, token) => sum + (token.kind === "one" ? 1 : [...token.text].length), 0);
  const endAt = (text: string, position: number, end: number): number => {
    let at = position;
    for (const token of tokens) {
      if (token.kind === "text") {
        if (!text.startsWith(token.text, at)) return -1;
        at += token.text.length;
      } else {
        if (at >= end || !token.fits(text.codePointAt(at) ?? 0)) return -1;
        at += lengthAt(text, at);
      }
    }
    return at <= end ? at : -1;
  };
  return {
    endAt,
    find(text, from, end) {
      for (let at = from; at < end; at += lengthAt(text, at)) if (endAt(text, at, end) >= 0) return at;
      return -1;
    },
    startBefore(text, end) {
      let start = end;
      for (let left = characters; left > 0; left--) {
        start -= isLowHalf(text.charCodeAt(start - 1)) && isHighHalf(text.charCodeAt(start - 2)) ? 2 : 1;
      }
      return start >= 0 && endAt(text, start, end) === end ? start : -1;
    },
  };
}

const lengthAt = (text: string, position: number): number => ((text.codePointAt(position) ?? 0) > 0xffff ? 2 : 1);
const isHighHalf = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff;
const isLowHalf = (unit: number): boolean => unit >= 0xdc00 && unit <= 0xdfff;
