import { fold } from "./folded.ts";
import { compilePath, type PathPiece, segmentsIn } from "./path-pattern.ts";
import { compileSegment, type Token } from "./segment.ts";

const LONGEST = 1024;
const MOST_ALTERNATIVES = 256;

/** A pattern that cannot be read. `at` is where, counted from 0; the message is for the person who wrote it. */
export class PatternError extends Error {
  override readonly name = "PatternError";
  readonly at: number;

  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

export interface Glob {
  /** `path` has `/` between its names; one at the front makes no difference. */
  matches(path: string): boolean;
}

/**
 * Compiles a glob: `*` any text within a name, `?` one character, `[a-z]` `[!a-z]` one of these or none of them,
 * `{a,b}` either, `**` any folders, `\` takes the next character as it is. Without a `/` it is about the last name at
 * any depth (`*.pdf`), with one about the whole path from the top (`Drawings/**`); ending in `/` it is about all below
 * such a folder. Upper and lower case are the same unless asked otherwise.
 *
 * Takes time in proportion to the length of the path. Throws `PatternError`; up to 1,024 characters and 256
 * alternatives.
 */
export function compileGlob(text: string, { caseSensitive = false }: { caseSensitive?: boolean } = {}): Glob {
  if (text === "") throw new PatternError("A pattern cannot be empty", 0);
  if (text.length > LONGEST) throw new PatternError(`A pattern has at most ${LONGEST} characters`, LONGEST);
  const paths = alternatives(readGlob(text.normalize("NFC"), caseSensitive)).map((marks) =>
    compilePath(toPieces(marks)),
  );
  return {
    matches(path) {
      const folded = fold(path, caseSensitive).text;
      const segments = segmentsIn(folded);
      return paths.some((matches) => matches(folded, segments));
    },
  };
}

/** A glob read from left to right: slashes and alternatives are still in it. */
type Mark = Token | { kind: "slash" } | { kind: "any-depth"; at: number } | { kind: "either"; of: Mark[][] };

function readGlob(text: string, caseSensitive: boolean): Mark[] {
  let at = 0;

  const readUntil = (stops: string, depth: number): Mark[] => {
    const marks: Mark[] = [];
    for (; at < text.length; at++) {
      const character = text[at] ?? "";
      if (stops.includes(character)) return marks;
      marks.push(readMark(character, depth));
    }
    return marks;
  };

  const readMark = (character: string, depth: number): Mark => {
    switch (character) {
      case "/":
        return { kind: "slash" };
      case "?":
        return { kind: "one", fits: () => true };
      case "*":
        if (text[at + 1] !== "*") return { kind: "gap", least: 0 };
        at++;
        return { kind: "any-depth", at: at - 1 };
      case "[":
        return readClass();
      case "{":
        return readEither(depth);
      case "\\":
        at++;
        if (at >= text.length) throw new PatternError("A \\ needs a character behind it", at - 1);
        return readText();
      default:
        return readText();
    }
  };

  const readText = (): Token => {
    const character = String.fromCodePoint(text.codePointAt(at) ?? 0);
    at += character.length - 1;
    return { kind: "text", text: fold(character, caseSensitive).text };
  };

  const readEither = (depth: number): Mark => {
    const start = at;
    if (depth > 4) throw new PatternError("Braces are nested too deeply", start);
    const of: Mark[][] = [];
    do {
      at++;
      of.push(readUntil(",}", depth + 1));
      if (at >= text.length) throw new PatternError("A { has no } behind it", start);
    } while (text[at] === ",");
    return { kind: "either", of };
  };

  const readClass = (): Token => {
    const start = at;
    const end = text.indexOf("]", start + 2 + (/^\[[!^]/.test(text.slice(start)) ? 1 : 0));
    if (end < 0) throw new PatternError("A [ has no ] behind it", start);
    at = end;
    return { kind: "one", fits: classOf(text.slice(start + 1, end), start, caseSensitive) };
  };

  return readUntil("", 0);
}

function classOf(inside: string, at: number, caseSensitive: boolean): (codePoint: number) => boolean {
  const negated = inside.startsWith("!") || inside.startsWith("^");
  const ranges: [number, number][] = [];
  const characters = Array.from(negated ? inside.slice(1) : inside);
  for (let index = 0; index < characters.length; index++) {
    const from = characters[index]?.codePointAt(0) ?? 0;
    const isRange = characters[index + 1] === "-" && index + 2 < characters.length;
    const to = isRange ? (characters[index + 2]?.codePointAt(0) ?? 0) : from;
    if (to < from) throw new PatternError("A range in [ ] runs backwards", at);
    if (isRange) index += 2;
    ranges.push([from, to]);
  }
  const isIn = (codePoint: number) => ranges.some(([from, to]) => codePoint >= from && codePoint <= to);
  return (codePoint) => {
    // What is compared is in lower case already; the range may have been written in upper case.
    const upper = caseSensitive ? undefined : String.fromCodePoint(codePoint).toUpperCase().codePointAt(0);
    return (isIn(codePoint) || (upper !== undefined && isIn(upper))) !== negated;
  };
}

/** Every way to read the marks without braces. */
function alternatives(marks: readonly Mark[]): Exclude<Mark, { kind: "either" }>[][] {
  let all: Exclude<Mark, { kind: "either" }>[][] = [[]];
  for (const mark of marks) {
    const choices = mark.kind === "either" ? mark.of.flatMap(alternatives) : [[mark]];
    if (all.length * choices.length > MOST_ALTERNATIVES) {
      throw new PatternError(`The braces stand for more than ${MOST_ALTERNATIVES} patterns`, 0);
    }
    all = all.flatMap((before) => choices.map((choice) => [...before, ...choice]));
  }
  return all;
}

function toPieces(marks: readonly Exclude<Mark, { kind: "either" }>[]): PathPiece[] {
  const anchored = marks.slice(0, -1).some((mark) => mark.kind === "slash");
  const pieces: PathPiece[] = anchored ? [] : ["any-depth"];
  let tokens: Token[] = [];
  let depth: { at: number } | undefined;
  const endSegment = () => {
    if (depth && tokens.length > 0) {
      throw new PatternError("** stands alone between slashes, as in Drawings/**/*.pdf", depth.at);
    }
    if (depth) pieces.push("any-depth");
    else if (tokens.length > 0) pieces.push(compileSegment(tokens));
    tokens = [];
    depth = undefined;
  };
  for (const mark of marks) {
    if (mark.kind === "slash") endSegment();
    else if (mark.kind === "any-depth") depth = mark;
    else tokens.push(mark);
  }
  endSegment();
  if (marks.at(-1)?.kind === "slash") pieces.push("any-depth");
  return pieces;
}
