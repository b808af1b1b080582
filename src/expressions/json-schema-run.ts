import type { FieldError } from "#core/errors.ts";
import type { Json } from "./json.ts";

/** Looks at one value; what is wrong with it is reported to the run. */
export type Check = (value: Json, pointer: string, run: Run) => void;

/** One validation: its errors and how much work is left to it. */
export interface Run {
  /** Counts work, so that a schema that multiplies it is stopped after the same time on every machine. */
  spend(count: number): void;
  report(error: FieldError): void;
  /** As many errors as are reported at most. */
  readonly isOver: boolean;
  /** How many `$ref` lead to where we are. */
  references: number;
  /** Whether a check finds nothing wrong; its errors are not reported. */
  accepts(check: Check, value: Json, pointer: string): boolean;
}
