import { ProviderError } from "#core/errors.ts";
import type { RemoteId } from "#core/ids.ts";
import type { Call, Delivery, Receipt, Subscription, Webhooks } from "#provider-kit/provider.ts";
import { sameText } from "#provider-kit/same-text.ts";
import { channelReply } from "./api.ts";
import { firstToken, openFeed } from "./changes.ts";
import type { Config } from "./config.ts";
import { changesOf, corpusOf } from "./requests.ts";

/**
 * Channels of the change feed (`changes.watch`). They cannot be renewed: a new one is made in time, and for a while both
 * tell the same.
 */
export const webhooks: Webhooks<Config> = {
  async subscribe(call, { drive, url, secret, since, expiresAt }) {
    const { corpus, token } = since === undefined ? await from(call, drive) : openFeed(since);
    const channel = await call.http.json(
      {
        method: "POST",
        url: "drive/v3/changes/watch",
        query: { pageToken: token, ...changesOf(corpus, drive) },
        body: {
          json: {
            id: crypto.randomUUID(),
            type: "web_hook",
            address: url,
            token: secret,
            expiration: String(expiresAt.getTime()),
          },
        },
      },
      channelReply,
    );
    // Both ids are needed to end it. Google gives it less time than was asked for where that is too much.
    return {
      id: channel.id,
      locator: channel.resourceId,
      ...(channel.expiration !== undefined && { expiresAt: new Date(channel.expiration) }),
    };
  },

  async unsubscribe(call: Call<Config>, { id, locator }: Subscription) {
    try {
      const { body } = await call.http.stream({
        method: "POST",
        url: "drive/v3/channels/stop",
        body: { json: { id, resourceId: locator } },
        repeatable: true,
        content: "step",
      });
      await body.cancel();
    } catch (error) {
      if (!(error instanceof ProviderError) || error.kind !== "not-found") throw error;
    }
  },

  receive({ headers }: Delivery, secret: string): Receipt {
    // The token is all there is to know Google by: a message is not signed.
    if (!sameText(headers.get("x-goog-channel-token") ?? "", secret)) {
      return { kind: "refused", reason: "the token is not that of the channel" };
    }
    const [channel, state, number] = ["channel-id", "resource-state", "message-number"].map((name) =>
      headers.get(`x-goog-${name}`),
    );
    if (!channel || !state) return { kind: "refused", reason: "it does not say which channel it is of" };
    if (state === "sync") return { kind: "handshake", reply: { status: 200, body: "" } };
    return { kind: "genuine", ...(number && { id: `${channel} ${number}` }) };
  },
};

async function from(call: Call<Config>, drive: RemoteId) {
  const corpus = await corpusOf(call, drive);
  return { corpus, token: await firstToken(call, drive, corpus) };
}
