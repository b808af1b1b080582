import type { OutboundRequest, OutboundResponse, OutboundSecrets } from "#outbound/client.ts";
import type { Patience, SendPatiently } from "#outbound/send-patiently.ts";
import type { Access, Signing } from "../access.ts";
import { untilAborted } from "../within-time.ts";
import type { PreparedBody, PreparedRequest } from "./prepared-request.ts";

/**
 * Sends a call signed, once more with fresh access where a 401 says that the access had ended. Whatever the status is,
 * it is the answer. `used` is told of every secret before it is sent, also of those that did not help.
 */
export async function sendCall(
  { sendPatiently }: { sendPatiently: SendPatiently },
  access: Access,
  request: PreparedRequest,
  options: {
    secrets: OutboundSecrets;
    patience: Omit<Patience, "repeatable">;
    signal: AbortSignal;
    used(signing: Signing): void;
  },
): Promise<OutboundResponse> {
  const send = (signing: Signing): Promise<OutboundResponse> => {
    options.used(signing);
    return sendPatiently(toOutbound(request, signing, options.secrets, options.signal), {
      ...options.patience,
      repeatable: request.repeatable,
    });
  };
  const { signal } = options;
  const sign = () => untilAborted(access.sign(request.url), signal);
  const signing = await sign();
  const answer = await send(signing);
  if (answer.status !== 401 || !(await untilAborted(access.renewAfter401(signing.version), signal))) return answer;
  await answer.body.cancel();
  return send(await sign());
}

function toOutbound(
  request: PreparedRequest,
  signing: Signing,
  secrets: OutboundSecrets,
  signal: AbortSignal,
): OutboundRequest {
  const { method, url, headers, query } = request;
  return {
    method,
    url,
    query,
    signal,
    ...bodyOf(request.body, headers),
    ...(signing.credential && { credential: signing.credential }),
    secrets: new Map([...(signing.secrets ?? []), ...secrets]),
  };
}

function bodyOf(
  body: PreparedBody | undefined,
  headers: PreparedRequest["headers"],
): Pick<OutboundRequest, "body" | "headers"> {
  if (!body) return { headers };
  if (!("text" in body)) return { headers, body };
  const others = Object.entries(headers).filter(([name]) => name.toLowerCase() !== "content-type");
  return { headers: { ...Object.fromEntries(others), "content-type": body.mediaType }, body: body.text };
}
