import type { ConnectionId } from "#core/ids.ts";
import { fingerprint } from "#provider-kit/fingerprint.ts";
import type { PreparedCall } from "./prepare-call.ts";
import type { CacheKey } from "./queries.ts";

/**
 * What an answer may be given again for (SR-65): the same request, whole, by the same connection and the same version of
 * its action, its credential and the secrets in it. Secrets are in it by their names only.
 */
export function cacheKey(connection: ConnectionId, { request, cache }: PreparedCall, version: string): CacheKey {
  const { method, url, query, headers, body } = request;
  const sorted = (record: object) => Object.entries(record).sort(([one], [other]) => (one < other ? -1 : 1));
  const whole = JSON.stringify([method, url.href, sorted(query), sorted(headers), body ?? null, cache?.definition]);
  return {
    connection,
    credentialVersion: fingerprint(version),
    requestHash: Buffer.from(fingerprint(whole), "base64url"),
  };
}
