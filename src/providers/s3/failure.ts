import type { FailureKind, StorageRefusal } from "#core/errors.ts";
import type { Explained, Provider } from "#provider-kit/provider.ts";
import { errorReply, readXml } from "./xml.ts";

interface Meaning {
  kind: FailureKind;
  message?: string;
  storage?: StorageRefusal;
}

const badKey = "S3 does not accept this access key.";
const full = "The bucket has no room left.";

const meanings: Readonly<Record<string, Meaning>> = {
  InvalidAccessKeyId: { kind: "reauthorize", message: badKey },
  SignatureDoesNotMatch: { kind: "reauthorize", message: badKey },
  InvalidToken: { kind: "reauthorize", message: badKey },
  ExpiredToken: { kind: "reauthorize", message: "The access key has ended." },
  AccessDenied: { kind: "forbidden", message: "The access key lacks the right to do this in the bucket." },
  AllAccessDisabled: { kind: "forbidden", message: "Access to the bucket is switched off." },
  AccountProblem: { kind: "forbidden", message: "There is a problem with the account at the service." },
  // Not a missing object: all work rests until somebody has looked.
  NoSuchBucket: { kind: "unavailable", message: "There is no such bucket." },
  NoSuchKey: { kind: "not-found" },
  NoSuchUpload: { kind: "not-found" },
  SlowDown: { kind: "rate-limited" },
  Throttling: { kind: "rate-limited" },
  TooManyRequests: { kind: "rate-limited" },
  PreconditionFailed: { kind: "rejected" },
  OperationAborted: { kind: "unavailable" },
  // For a while after it was made.
  TemporaryRedirect: { kind: "unavailable", message: "The bucket is not yet where it is going to be." },
  ConditionalRequestConflict: { kind: "unavailable" },
  RequestTimeout: { kind: "unavailable" },
  RequestTimeTooSkewed: { kind: "unavailable", message: "This machine's clock is wrong by more than 15 minutes." },
  EntityTooLarge: { kind: "rejected", message: "The file is larger than the bucket takes.", storage: "too-large" },
  QuotaExceeded: { kind: "rejected", message: full, storage: "full" },
  XMinioAdminBucketQuotaExceeded: { kind: "rejected", message: full, storage: "full" },
  XMinioStorageFull: { kind: "unavailable", message: full, storage: "full" },
  InsufficientStorage: { kind: "unavailable", message: full, storage: "full" },
  XMinioServerReadOnly: {
    kind: "unavailable",
    message: "The service takes no changes just now.",
    storage: "read-only",
  },
  MethodNotAllowed: { kind: "rejected", message: "The service does not know this request." },
  NotImplemented: { kind: "rejected", message: "The service does not know this request." },
};

export const explain: NonNullable<Provider["explain"]> = ({ status, body }) => {
  if (status === 507) return { kind: "unavailable", message: full, storage: "full" };
  return typeof body === "string" ? explainXml(body) : undefined;
};

/** What an error document says; nothing where the text is none. */
export function explainXml(text: string): Explained | undefined {
  const error = readError(text);
  if (!error) return undefined;
  const { Code: code, Message: message = "", Region: region } = error;
  if (region !== undefined && /^(PermanentRedirect|AuthorizationHeaderMalformed|TemporaryRedirect)$/.test(code)) {
    return { kind: "rejected", message: `The bucket lies in the region ${region}. Enter that one.`, code };
  }
  if (code === "InvalidRequest" && /copy source is larger/i.test(message)) {
    return { kind: "rejected", message: "The object is too large to be copied at once.", storage: "too-large", code };
  }
  const meaning = meanings[code];
  return meaning && { ...meaning, code };
}

function readError(text: string) {
  try {
    return errorReply.safeParse(readXml(text)).data?.Error;
  } catch {
    return undefined;
  }
}
