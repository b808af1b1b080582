/** What the operator allows outbound to do beyond the rules. Workspaces have no say in it (SR-19). */
export interface OutboundPolicy {
  /** Plain http to any public host. Exceptions may use http without it. */
  readonly allowHttp: boolean;
  readonly ports: ReadonlySet<number>;
  /** Exact `host:port` pairs that may be private. */
  readonly exceptions: ReadonlySet<string>;
}

const usualPorts = [443, 80, 8080, 8443];

/**
 * Makes a policy of the operator's settings. `exceptions` are `host:port` pairs such as `127.0.0.1:9000`; one that is
 * anything else throws a TypeError that names it.
 */
export function createPolicy(
  settings: { allowHttp?: boolean; extraPorts?: readonly number[]; exceptions?: readonly string[] } = {},
): OutboundPolicy {
  return {
    allowHttp: settings.allowHttp ?? false,
    ports: new Set([...usualPorts, ...(settings.extraPorts ?? [])]),
    exceptions: new Set((settings.exceptions ?? []).map(toHostAndPort)),
  };
}

/** `host:port` of an address, with the port that its scheme stands for. */
export function hostAndPort(url: URL): string {
  return `${url.hostname}:${portOf(url)}`;
}

export function portOf(url: URL): number {
  return url.port === "" ? (url.protocol === "https:" ? 443 : 80) : Number(url.port);
}

function toHostAndPort(text: string): string {
  const port = /:(\d{1,5})$/.exec(text)?.[1];
  const url = URL.canParse(`http://${text}`) ? new URL(`http://${text}`) : undefined;
  if (!port || !url || url.pathname !== "/" || url.search || url.hash || url.username || url.password) {
    throw new TypeError(`"${text}" is not an exact host:port pair such as 127.0.0.1:9000`);
  }
  return hostAndPort(url);
}
