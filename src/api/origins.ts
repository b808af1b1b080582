const loopback = ["localhost", "127.0.0.1", "[::1]"];

/**
 * The origins whose pages are our own: the public URL's. A machine has several names for itself, and whichever of them
 * is typed reaches the same server.
 */
export function ownOrigins(publicUrl: string): ReadonlySet<string> {
  const url = new URL(publicUrl);
  if (!loopback.includes(url.hostname)) return new Set([url.origin]);
  return new Set(loopback.map((host) => `${url.protocol}//${host}${url.port && `:${url.port}`}`));
}

export const isLoopback = (publicUrl: string): boolean => loopback.includes(new URL(publicUrl).hostname);
