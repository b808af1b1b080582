import type { Call, ShownBody, ShownRequest, ShownResponse } from "./call.ts";
import { boundBody, sizeOf } from "./shown-body.ts";

const MOST_KEPT = 65_536;
const MOST_HEADERS = 16_384;
const MOST_URL = 8_192;
const MOST_OUTPUT = 24_576;

/** A call as it is kept: what was sent and what came back in at most 64 KiB each (SR-75). */
export const boundCall = (call: Call): Call => ({
  ...call,
  request: call.request && bound(call.request),
  response: call.response && boundResponse(call.response),
});

function boundResponse({ output, ...response }: ShownResponse): ShownResponse {
  if (output === undefined || sizeOf(output) > MOST_OUTPUT) return bound(response);
  return { ...bound(response, MOST_KEPT - sizeOf(output)), output };
}

function bound<T extends Pick<ShownRequest | ShownResponse, "url" | "headers" | "body">>(
  shown: T,
  most = MOST_KEPT,
): T {
  const small = { ...shown, url: shown.url.slice(0, MOST_URL), headers: boundHeaders(shown.headers) };
  const rest = sizeOf({ ...small, body: null });
  const body: ShownBody = boundBody(shown.body, Math.max(0, most - rest));
  return { ...small, body };
}

function boundHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  const kept: Record<string, string> = Object.create(null);
  let left = MOST_HEADERS;
  for (const [name, value] of Object.entries(headers)) {
    left -= sizeOf(name) + sizeOf(value) + 2;
    if (left < 0) break;
    kept[name] = value;
  }
  return kept;
}
