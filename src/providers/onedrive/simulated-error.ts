/** How a pretend Graph says no. */

/** `innererror` is how some parts of Graph spell it, `Pascal` how others write their codes. */
export type ErrorStyle = "usual" | "innererror" | "Pascal";

export function failure(
  status: number,
  code: string,
  message: string,
  more: { style?: ErrorStyle; inner?: string; headers?: Record<string, string> } = {},
): Response {
  const { style = "usual", inner, headers = {} } = more;
  const written = (text: string) => (style === "Pascal" ? `${text.slice(0, 1).toUpperCase()}${text.slice(1)}` : text);
  const about = {
    ...(inner !== undefined && { code: written(inner) }),
    date: "2026-02-02T11:00:00",
    "request-id": REQUEST,
    "client-request-id": REQUEST,
  };
  const error = { code: written(code), message, [style === "innererror" ? "innererror" : "innerError"]: about };
  return Response.json({ error }, { status, headers: { "request-id": REQUEST, ...headers } });
}

const REQUEST = "6e2b0000-0000-4000-8000-000000000000";

export const notFound = (style?: ErrorStyle): Response =>
  failure(404, "itemNotFound", "The resource could not be found.", style ? { style } : {});

export const denied = (style?: ErrorStyle): Response =>
  failure(403, "accessDenied", "Access denied", style ? { style } : {});

export const badRequest = (message: string, inner?: string): Response =>
  failure(400, "invalidRequest", message, inner === undefined ? {} : { inner });
