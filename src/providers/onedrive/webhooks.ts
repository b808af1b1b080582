import { ProviderError } from "#core/errors.ts";
import { fingerprint } from "#provider-kit/fingerprint.ts";
import type { Delivery, Receipt, Subscription, Webhooks } from "#provider-kit/provider.ts";
import { sameText } from "#provider-kit/same-text.ts";
import { noticesBody, subscriptionReply } from "./api.ts";
import type { Config } from "./config.ts";

/** A little less than the 42,300 minutes that Graph takes: its clock is not ours. */
const LONGEST_MS = 42_240 * 60_000;

/** What is sent back when Graph tests an address is no longer than this (SR-68). */
const LONGEST_TOKEN = 2048;

/** Subscriptions of Graph. The only one there is for files of a business is for all of a drive. */
export const webhooks: Webhooks<Config> = {
  async subscribe({ http }, { drive, url, secret, expiresAt }) {
    const json = {
      changeType: "updated",
      notificationUrl: url,
      lifecycleNotificationUrl: url,
      resource: `/drives/${drive}/root`,
      expirationDateTime: atMost(expiresAt),
      clientState: secret,
      latestSupportedTlsVersion: "v1_2",
    };
    return toSubscription(
      await http.json({ method: "POST", url: "v1.0/subscriptions", body: { json } }, subscriptionReply),
    );
  },

  async renew({ http }, { id }, expiresAt) {
    const json = { expirationDateTime: atMost(expiresAt) };
    return toSubscription(
      await http.json({ method: "PATCH", url: at(id), body: { json }, repeatable: true }, subscriptionReply),
    );
  },

  async unsubscribe({ http }, { id }) {
    try {
      const { body } = await http.stream({ method: "DELETE", url: at(id), content: "step" });
      await body.cancel();
    } catch (error) {
      if (!(error instanceof ProviderError && error.kind === "not-found")) throw error;
    }
  },

  receive,
};

const at = (id: string): string => `v1.0/subscriptions/${encodeURIComponent(id)}`;

const atMost = (wanted: Date): string => new Date(Math.min(wanted.getTime(), Date.now() + LONGEST_MS)).toISOString();

function toSubscription({
  id,
  expirationDateTime,
}: {
  id: string;
  expirationDateTime?: string | null | undefined;
}): Subscription {
  const expiresAt = new Date(expirationDateTime ?? Number.NaN);
  return { id, ...(!Number.isNaN(expiresAt.getTime()) && { expiresAt }) };
}

function receive({ query, body }: Delivery, secret: string): Receipt {
  const token = query.get("validationToken");
  if (token !== null) {
    if (new TextEncoder().encode(token).length > LONGEST_TOKEN) {
      return { kind: "refused", reason: "The test of the address is too long" };
    }
    return { kind: "handshake", reply: { status: 200, body: token } };
  }
  const notices = read(body);
  if (!notices) return { kind: "refused", reason: "It is no notice of Microsoft's" };
  // Notices for several subscriptions may come together: what counts is that some are for ours.
  const ours = notices.filter(({ clientState }) => sameText(clientState ?? "", secret));
  if (ours.length === 0) return { kind: "refused", reason: "The client state is another one" };
  const events = ours.map(({ lifecycleEvent }) => lifecycleEvent);
  const asks = events.includes("subscriptionRemoved")
    ? "subscribe"
    : events.includes("reauthorizationRequired")
      ? "renew"
      : undefined;
  const ids = ours.flatMap(({ id }) => (id ? [id] : []));
  const id = ids.length === ours.length ? { id: fingerprint(ids.join(" ")) } : {};
  return { kind: "genuine", ...id, ...(asks && { asks }) };
}

function read(body: Uint8Array) {
  try {
    return noticesBody.parse(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body))).value;
  } catch {
    return undefined;
  }
}
