import { AppError, type FailureKind, ProviderError } from "#core/errors.ts";
import { OutboundError } from "#outbound/outbound-error.ts";

/** Why a call brought no answer. What is a mistake of our own is thrown again. */
export function readCallFailure(
  error: unknown,
  { changes, gone }: { changes: boolean; gone: boolean },
): { kind: FailureKind; message: string } {
  // Whether what was on its way has arrived, nobody knows.
  const lost = changes ? "uncertain" : "unavailable";
  if (gone) return { kind: lost, message: "Whoever asked for this went away before the answer came" };
  if (error instanceof ProviderError) return { kind: error.kind, message: error.message };
  if (error instanceof OutboundError) return { kind: error.sent ? lost : "unavailable", message: error.message };
  if (error instanceof AppError) return { kind: "rejected", message: error.message };
  throw error;
}
