import type { FailureKind } from "#core/errors.ts";
import type { Explained, Provider } from "#provider-kit/provider.ts";
import { kindOfStatus } from "#provider-kit/provider-http.ts";
import { errorReply } from "./api.ts";

const ended = "Supabase does not accept this key.";

const codes: Readonly<Record<string, Explained>> = {
  NoSuchBucket: { kind: "unavailable", message: "There is no such bucket." },
  NoSuchKey: { kind: "not-found" },
  NoSuchUpload: { kind: "not-found" },
  KeyAlreadyExists: { kind: "rejected" },
  ResourceAlreadyExists: { kind: "rejected" },
  EntityTooLarge: { kind: "rejected", message: "The file is larger than the bucket takes.", storage: "too-large" },
  InvalidMimeType: { kind: "rejected", message: "The bucket takes no files of this type." },
  InvalidKey: { kind: "rejected", message: "Supabase does not take this name." },
  InvalidJWT: { kind: "reauthorize", message: ended },
  ExpiredToken: { kind: "reauthorize", message: ended },
  InvalidSignature: { kind: "reauthorize", message: ended },
  ResourceLocked: { kind: "unavailable" },
  DatabaseTimeout: { kind: "unavailable" },
  DatabaseReadOnly: { kind: "unavailable", message: "The project takes no changes just now.", storage: "read-only" },
  SlowDown: { kind: "rate-limited" },
};

/** Nearly every error comes as 400; only its body tells which one it is. */
export const explain: NonNullable<Provider["explain"]> = ({ status, body }) => {
  const error = errorReply.safeParse(body).data;
  const real = error ? Number(error.statusCode) : status;
  if (real === 402) return { kind: "rejected", message: "The project has no room left.", storage: "full" };
  // Resumable uploads have real statuses and texts.
  if (real === 410) return { kind: "not-found", code: "NoSuchUpload" };
  if (real === 409 && !error) return { kind: "unavailable", code: "OffsetMismatch" };
  if (real === 423) return { kind: "unavailable", code: "ResourceLocked" };
  if (real === 413 && !error) return codes.EntityTooLarge;
  if (!error) return undefined;
  const code = error.code ?? codeOf(error);
  const known = codes[code];
  if (known) return { ...known, code };
  const kind: FailureKind = real === 403 ? kindOfRefusal(error.message ?? "") : kindOfStatus(real);
  return { kind, code, ...(kind === "reauthorize" && { message: ended }) };
};

/** Older versions know no codes. */
function codeOf({ error = "", message = "" }: { error?: string | undefined; message?: string | undefined }): string {
  if (error === "Bucket not found" || message === "Bucket not found") return "NoSuchBucket";
  if (error === "not_found") return "NoSuchKey";
  if (error === "Duplicate") return "KeyAlreadyExists";
  if (error === "Payload too large") return "EntityTooLarge";
  if (error === "too_many_connections") return "SlowDown";
  if (error === "invalid_mime_type") return "InvalidMimeType";
  return error;
}

/** One status for a key that has ended and for a policy that refuses. */
const kindOfRefusal = (message: string): FailureKind =>
  /jwt|jws|signature|"exp" claim|invalid (?:api )?key/i.test(message) ? "reauthorize" : "forbidden";
