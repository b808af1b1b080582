import { createHawser, type FieldError, HawserError } from "@hawser/sdk";

/** The API as the signed-in person: `hawser.syncs.list({ workspace }, { limit: 50 }, { signal })`. */
export const hawser = createHawser({ baseUrl: "", session: true });

export { type FieldError, HawserError as ApiError };

/** What the server said about one field of a form, by its pointer: `/name`. */
export function fieldErrorOf(error: unknown, pointer: string): string | undefined {
  if (!(error instanceof HawserError)) return undefined;
  return error.errors.find((one) => one.pointer === pointer)?.detail;
}
