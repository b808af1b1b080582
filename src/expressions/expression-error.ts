export type ExpressionErrorCode =
  | "template_invalid"
  | "template_path_missing"
  | "template_secret_refused"
  | "template_value_refused"
  | "template_too_large"
  | "json_path_invalid"
  | "json_path_too_much"
  | "condition_invalid"
  | "condition_not_comparable"
  | "pattern_invalid"
  | "schema_invalid"
  | "schema_too_much";

/** Something in an expression its author can put right. The message is a sentence for them and holds no values. */
export class ExpressionError extends Error {
  override readonly name = "ExpressionError";
  readonly code: ExpressionErrorCode;
  /** Where in the text, counted from 0. */
  readonly at?: number;

  constructor(code: ExpressionErrorCode, message: string, at?: number) {
    super(message);
    this.code = code;
    if (at !== undefined) this.at = at;
  }
}
