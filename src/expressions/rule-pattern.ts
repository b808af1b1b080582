import { fold } from "./folded.ts";
import type { PathPiece } from "./path-pattern.ts";
import { compileSegment, type Token } from "./segment.ts";

const LONGEST = 1024;
const MOST_PARTS = 32;
/** The name of a metadata field. */
const fieldName = /^[A-Za-z][A-Za-z0-9_]{0,62}$/;

export const isFieldName = (name: string): boolean => fieldName.test(name);

/** Reads the pattern of a metadata rule. `refuse` makes the error to throw; `at` counts from 0. */
export function readRulePattern(
  text: string,
  refuse: (message: string, at: number) => Error,
): { pieces: PathPiece[]; parts: string[] } {
  if (text.length > LONGEST) throw refuse(`A pattern has at most ${LONGEST} characters`, LONGEST);
  const parts: string[] = [];
  const pieces: PathPiece[] = [];
  let tokens: Token[] = [];
  let depthAt = -1;
  let at = 0;

  const endSegment = () => {
    if (depthAt >= 0 && tokens.length > 0) throw refuse("** stands alone between slashes", depthAt);
    if (depthAt >= 0) pieces.push("any-depth");
    else if (tokens.length > 0) pieces.push(compileSegment(tokens));
    tokens = [];
    depthAt = -1;
  };

  const addGap = (gap: Token, start: number) => {
    // Where one of the two ends and the other begins, nobody could say.
    if (tokens.at(-1)?.kind === "gap") throw refuse("Put some text between this and what stands before it", start);
    tokens.push(gap);
  };

  const readPart = () => {
    const start = at;
    const end = text.indexOf("}", start);
    const name = end < 0 ? "" : text.slice(start + 1, end);
    if (end < 0) throw refuse("A { has no } behind it", start);
    if (!isFieldName(name)) {
      throw refuse("A part has a name of letters, digits and _, such as {document_type}", start);
    }
    if (parts.includes(name)) throw refuse(`{${name}} is there twice`, start);
    if (parts.length === MOST_PARTS) throw refuse(`A pattern has at most ${MOST_PARTS} parts`, start);
    parts.push(name);
    addGap({ kind: "gap", least: 1, part: name }, start);
    at = end + 1;
  };

  const readText = () => {
    const start = at;
    let plain = "";
    while (at < text.length && !"/{}*".includes(text[at] ?? "")) {
      if (text[at] === "\\") at++;
      if (at >= text.length) throw refuse("A \\ needs a character behind it", at - 1);
      plain += text[at++];
    }
    if (at === start) throw refuse("A } has no { before it; write \\} for the character itself", at);
    tokens.push({ kind: "text", text: fold(plain, false).text });
  };

  while (at < text.length) {
    if (text[at] === "/") {
      endSegment();
      at++;
    } else if (text[at] === "{") {
      readPart();
    } else if (text.startsWith("**", at)) {
      if (depthAt >= 0) throw refuse("** stands alone between slashes", at);
      depthAt = at;
      at += 2;
    } else if (text[at] === "*") {
      addGap({ kind: "gap", least: 0 }, at++);
    } else {
      readText();
    }
  }
  endSegment();
  if (pieces.length === 0) throw refuse("A pattern cannot be empty; ** fits every folder", 0);
  return { pieces, parts };
}
