import { RE2JS } from "re2js";
import { ExpressionError } from "./expression-error.ts";

const LONGEST = 512;
const MOST_INSTRUCTIONS = 1000;

export interface LinearPattern {
  /** Whether it fits anywhere in `text`. */
  matches(text: string): boolean;
  /** Steps for each character of a text, at most. */
  readonly cost: number;
}

/**
 * Compiles a regular expression for the RE2 engine (SR-31): time grows with the text and never explodes. What RE2 does
 * not have is refused: look-around and back-references. Throws `pattern_invalid`; up to 512 characters and 1,000
 * instructions, which repetitions such as `{1,500}` use up.
 */
export function compileLinearPattern(text: string): LinearPattern {
  if (text.length > LONGEST)
    throw new ExpressionError("pattern_invalid", `A pattern has at most ${LONGEST} characters`);
  let pattern: RE2JS;
  try {
    pattern = RE2JS.compile(text);
  } catch {
    throw new ExpressionError(
      "pattern_invalid",
      "The pattern cannot be read; it is a regular expression without look-around and back-references",
    );
  }
  const cost = pattern.programSize();
  if (cost > MOST_INSTRUCTIONS) throw new ExpressionError("pattern_invalid", "The pattern repeats too much");
  return { matches: (subject) => pattern.test(subject), cost };
}
