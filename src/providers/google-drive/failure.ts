import type { FailureKind } from "#core/errors.ts";
import type { Provider } from "#provider-kit/provider.ts";
import { reasonIn } from "./api.ts";

interface Meaning {
  kind: FailureKind;
  message: string;
}

const slowDown: Meaning = { kind: "rate-limited", message: "Google Drive asked us to slow down." };

/** Drive answers 403 both for "slow down" and for "not yours": only the reason in the body tells them apart. */
const meanings: Readonly<Record<string, Meaning>> = {
  authError: { kind: "reauthorize", message: "Google no longer accepts this sign-in." },
  insufficientPermissions: {
    kind: "reauthorize",
    message: "The permission to read Google Drive was not given. Authorize again and leave every box ticked.",
  },
  userRateLimitExceeded: slowDown,
  rateLimitExceeded: slowDown,
  dailyLimitExceeded: { kind: "rate-limited", message: "The Google project has used up its requests for today." },
  domainPolicy: {
    kind: "forbidden",
    message: "The administrators of this Google Workspace have switched off apps for Drive.",
  },
  accessNotConfigured: {
    kind: "forbidden",
    message: "The Drive API is not switched on in the Google project of this app. Switch it on in Google's console.",
  },
  cannotDownloadAbusiveFile: { kind: "forbidden", message: "Google takes this file for malware and does not give it." },
  cannotDownloadFile: {
    kind: "forbidden",
    message: "The owner of this file, or an administrator, does not let it be downloaded.",
  },
  insufficientFilePermissions: {
    kind: "forbidden",
    message: "This account may see this file, but not download it.",
  },
  // It is the file that is asked for too often, by everybody together; all other files can still be had.
  downloadQuotaExceeded: {
    kind: "forbidden",
    message: "This file was downloaded so often that Google gives it to nobody for some hours.",
  },
  // 403 as well, but a matter of how it is asked for.
  exportSizeLimitExceeded: { kind: "rejected", message: "This document is larger than the 10 MB that Google exports." },
  fileNotDownloadable: { kind: "rejected", message: "This document has no bytes of its own and has to be exported." },
  fileNotExportable: { kind: "rejected", message: "This file cannot be exported: it has bytes of its own." },
  requestedRangeNotSatisfiable: {
    kind: "unavailable",
    message: "This file has become shorter than what was already read of it.",
  },
};

/** No token of a listing or a change feed is good for ever; a dead one is answered like a mistake in a parameter. */
const lost: Meaning = { kind: "cursor-lost", message: "Google Drive no longer knows how far we were." };

export const explain: NonNullable<Provider["explain"]> = ({ status, body }) => {
  const { reason, location } = reasonIn(body);
  if (status === 400 && location === "pageToken") return lost;
  if (status === 416) return meanings.requestedRangeNotSatisfiable;
  return reason !== undefined && Object.hasOwn(meanings, reason) ? meanings[reason] : undefined;
};
