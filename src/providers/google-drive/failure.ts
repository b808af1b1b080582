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
};

export const explain: NonNullable<Provider["explain"]> = ({ body }) => {
  const reason = reasonIn(body);
  return reason !== undefined && Object.hasOwn(meanings, reason) ? meanings[reason] : undefined;
};
