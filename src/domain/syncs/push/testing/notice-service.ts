import { ProviderError } from "#core/errors.ts";
import type { Cursor } from "#core/ids.ts";
import type { Provider, Subscription } from "#provider-kit/provider.ts";
import type { NoticeAnswer, TakeNotice } from "../take-notice.ts";

interface Subscribed {
  drive: string;
  url: string;
  secret: string;
  expiresAt: Date;
  since?: string | undefined;
}

/** A service with drives that change, which tells those who have subscribed, and the provider that speaks with it. */
export function noticeService(options: { renewable?: boolean; daysAtMost?: number } = {}) {
  const { renewable = true, daysAtMost = 7 } = options;
  const subscriptions = new Map<string, Subscribed>();
  const asked: string[] = [];
  const failing: ProviderError[] = [];
  let made = 0;
  let sent = 0;
  let listener: TakeNotice | undefined;
  let beforeAnswer: (() => Promise<void>) | undefined;

  const deliver = async (
    { url }: Pick<Subscribed, "url">,
    { headers = {}, query = "" }: { headers?: Record<string, string>; query?: string },
  ): Promise<NoticeAnswer> => {
    if (!listener) throw new Error("nobody listens");
    return listener(url.split("/").at(-1) ?? "", {
      headers: new Headers(headers),
      query: new URLSearchParams(query),
      body: new Uint8Array(),
    });
  };
  const request = async (what: string): Promise<void> => {
    asked.push(what);
    const failure = failing.shift();
    if (failure) throw failure;
  };
  const clip = (wanted: Date) => new Date(Math.min(wanted.getTime(), Date.now() + daysAtMost * 86_400_000));

  const provider: Provider = {
    key: "harbour",
    name: "Harbour",
    description: "Files that tell when they change.",
    category: "files",
    glyph: { letters: "Ha", hue: "teal" },
    auth: () => [{ type: "none" }],
    check: async () => ({ id: "account-1", label: "Ana" }),
    files: {
      drives: async () => ({ items: [] }),
      list: async () => ({ items: [] }),
      get: async () => Promise.reject(new ProviderError("not-found", "There is no such file")),
      read: async () => Promise.reject(new ProviderError("not-found", "There is no such file")),
      changes: async () => ({ changes: [], next: "cursor-1" as Cursor, more: false }),
    },
    webhooks: {
      async subscribe(_call, { drive, url, secret, since, expiresAt }) {
        await request("subscribe");
        const echo = await deliver({ url }, { query: "echo=hello" });
        if (echo.kind !== "handshake" || echo.body !== "hello") {
          throw new ProviderError("rejected", "Nobody answers at this address");
        }
        const id = `subscription-${++made}`;
        subscriptions.set(id, { drive, url, secret, since, expiresAt: clip(expiresAt) });
        await beforeAnswer?.();
        return { id, locator: `of ${drive}`, expiresAt: clip(expiresAt) };
      },
      ...(renewable && {
        async renew(_call: unknown, { id }: Subscription, expiresAt: Date) {
          await request("renew");
          const known = subscriptions.get(id);
          if (!known) throw new ProviderError("not-found", "There is no such subscription");
          known.expiresAt = clip(expiresAt);
          return { id, locator: `of ${known.drive}`, expiresAt: known.expiresAt };
        },
      }),
      async unsubscribe(_call, { id }) {
        await request("unsubscribe");
        subscriptions.delete(id);
      },
      receive({ headers, query }, secret) {
        const echo = query.get("echo");
        if (echo !== null) return { kind: "handshake", reply: { status: 200, body: echo } };
        if (headers.get("x-secret") !== secret) return { kind: "refused", reason: "the secret is another one" };
        const [id, asks] = [headers.get("x-id"), headers.get("x-asks")];
        return {
          kind: "genuine",
          ...(id !== null && { id }),
          ...((asks === "renew" || asks === "subscribe") && { asks }),
        };
      },
    },
  };

  return {
    provider,
    subscriptions,
    /** What it was asked, oldest first. */
    asked,
    failNext: (...failures: ProviderError[]) => void failing.push(...failures),
    listen: (take: TakeNotice) => {
      listener = take;
    },
    /** Something happens while an answer is on its way. */
    beforeAnswer: (what: () => Promise<void>) => {
      beforeAnswer = what;
    },
    deliver,
    /** Tells all who have subscribed that something has changed. */
    tell: (about: { id?: string; asks?: string } = {}) =>
      Promise.all(
        [...subscriptions.values()].map((one) =>
          deliver(one, {
            headers: {
              "x-secret": one.secret,
              "x-id": about.id ?? `notice-${++sent}`,
              ...(about.asks !== undefined && { "x-asks": about.asks }),
            },
          }),
        ),
      ),
  };
}
