// Whether providers can reach this installation, and where.
import { AppError } from "#core/errors.ts";
import { checkUrl } from "#outbound/address.ts";
import { createPolicy, portOf } from "#outbound/policy.ts";
import type { Provider, Webhooks } from "#provider-kit/provider.ts";
import type { Wish } from "./channel.ts";

/** What it takes to know who sends notices, and where to. */
export interface PushMeans {
  providers: ReadonlyMap<string, Provider>;
  sandbox: { providers: ReadonlyMap<string, Provider> } | undefined;
  publicUrl: string;
}

export const noticeUrl = (address: string, place: string): string => `${address}/hooks/push/${place}`;

/** This installation's own address, without a slash at its end. */
export const addressOf = ({ publicUrl }: Pick<PushMeans, "publicUrl">): string => publicUrl.replace(/\/$/, "");

export const webhooksOf = (means: PushMeans, { provider, sandbox }: Wish): Webhooks | undefined =>
  (sandbox ? means.sandbox?.providers : means.providers)?.get(provider)?.webhooks;

/** Why nobody can send notices to this installation; nothing where they can. */
export function whyUnreachable({ publicUrl }: Pick<PushMeans, "publicUrl">, sandbox: boolean): string | undefined {
  const url = new URL(publicUrl);
  if (sandbox) {
    return isThisMachine(url)
      ? undefined
      : "The sandbox sends notices to addresses of this machine only, and people reach Hawser at another one.";
  }
  try {
    if (url.protocol === "https:" && checkUrl(url, createPolicy({ extraPorts: [portOf(url)] }))) return undefined;
  } catch (refusal) {
    if (!(refusal instanceof AppError)) throw refusal;
  }
  return "Providers send notices to public https addresses only, and HAWSER_PUBLIC_URL is none.";
}

const isThisMachine = ({ protocol, hostname }: URL): boolean =>
  protocol === "http:" && (hostname === "localhost" || hostname === "127.0.0.1");

/** Keys of the providers that can send us notices, by where they are. */
export function notifiers(means: PushMeans): { real: string[]; pretended: string[] } {
  const keys = (providers: ReadonlyMap<string, Provider> | undefined) =>
    [...(providers ?? [])].flatMap(([key, { webhooks }]) => (webhooks ? [key] : []));
  return {
    real: whyUnreachable(means, false) === undefined ? keys(means.providers) : [],
    pretended: whyUnreachable(means, true) === undefined ? keys(means.sandbox?.providers) : [],
  };
}
