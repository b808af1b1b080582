/** Whether a statement failed because a unique index of this name has such a row already. */
export const violatesUnique = (error: unknown, index: string): boolean => violates(error, "23505", index);

/** Whether a statement failed because a row does not pass the check of this name. */
export const violatesCheck = (error: unknown, check: string): boolean => violates(error, "23514", check);

const violates = (error: unknown, code: string, constraint: string): boolean =>
  error instanceof Error &&
  "code" in error &&
  error.code === code &&
  "constraint" in error &&
  error.constraint === constraint;
