const pagePolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "font-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join("; ");

/** What every response says to browsers (SR-47). */
export function secureHeaders(headers: Headers, publicUrl: string): void {
  headers.set("x-content-type-options", "nosniff");
  headers.set("referrer-policy", "no-referrer");
  headers.set("cross-origin-resource-policy", "same-origin");
  if (publicUrl.startsWith("https:")) headers.set("strict-transport-security", "max-age=31536000");
  if (headers.get("content-type")?.startsWith("text/html")) {
    headers.set("content-security-policy", pagePolicy);
    headers.set("cross-origin-opener-policy", "same-origin");
    headers.set("cache-control", "no-cache");
  } else {
    headers.set("content-security-policy", "default-src 'none'; frame-ancestors 'none'");
  }
  if (!headers.has("cache-control")) headers.set("cache-control", "no-store");
}
