/** What the name of a header looks like (RFC 9110 5.1), in any case. */
export const headerNamePattern = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/**
 * What the connection or the transport decides, and nobody else sets; in lower case. A `Host` of the caller's would also
 * change the name that the certificate is checked against.
 */
export const transportHeaders: readonly string[] = [
  "accept-encoding",
  "connection",
  "content-length",
  "expect",
  "host",
  "keep-alive",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
];
