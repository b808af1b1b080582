/** How connections come about: resolved in full, checked, and made to the address that was checked (SR-17). */
import { lookup } from "node:dns/promises";
import { isIP, type LookupFunction } from "node:net";
import { Agent, buildConnector } from "undici";
import { addressRefused, isGloballyReachable } from "./address.ts";
import type { Limits } from "./limits.ts";
import { readConnectFailure } from "./outbound-error.ts";
import type { OutboundPolicy } from "./policy.ts";

export interface ResolvedAddress {
  address: string;
  family: 4 | 6;
}

/** Every A and AAAA record of a name. Rejects with `code` ENOTFOUND when there is none. */
export type Resolve = (host: string) => Promise<readonly ResolvedAddress[]>;

/** What the machine itself would use: DNS and its hosts file. */
export const resolveBySystem: Resolve = async (host) => {
  const found = await lookup(host, { all: true, order: "verbatim" });
  return found.map(({ address, family }) => ({ address, family: family === 6 ? 6 : 4 }));
};

/** Connects only to what is out in the world, checked anew for every connection. */
export function guardedAgent(limits: Limits, resolve: Resolve): Agent {
  const connect = connector(limits, async (host) => {
    const addresses = await resolve(host);
    if (addresses.length === 0 || !addresses.every(({ address }) => isGloballyReachable(address)))
      throw addressRefused();
    return addresses;
  });
  return agent(limits, (options, callback) => {
    // A literal never reaches `lookup`.
    const host = options.hostname.replace(/^\[(.*)\]$/, "$1");
    if (isIP(host) !== 0 && !isGloballyReachable(host)) return callback(addressRefused(), null);
    connect(options, callback);
  });
}

/**
 * Connects only to the operator's exceptions, wherever they are. An agent of its own: were it shared, a redirect could
 * use a connection that the rules would never have made.
 */
export function exceptionAgent(limits: Limits, resolve: Resolve, policy: OutboundPolicy): Agent {
  const connect = connector(limits, resolve);
  return agent(limits, (options, callback) => {
    const port = options.port || (options.protocol === "https:" ? "443" : "80");
    // undici takes the brackets off an IPv6 literal; a URL, and so the policy, keeps them.
    const host = isIP(options.hostname) === 6 ? `[${options.hostname}]` : options.hostname;
    if (!policy.exceptions.has(`${host}:${port}`)) return callback(addressRefused(), null);
    connect(options, callback);
  });
}

function agent(limits: Limits, connect: buildConnector.connector): Agent {
  return new Agent({
    maxHeaderSize: limits.headerBytes,
    headersTimeout: limits.firstByteMs,
    bodyTimeout: limits.idleMs,
    connect: (options, callback) =>
      connect(options, (...[error, socket]) =>
        error ? callback(readConnectFailure(error), null) : callback(null, socket),
      ),
  });
}

function connector(limits: Limits, resolve: Resolve): buildConnector.connector {
  return buildConnector({
    timeout: limits.connectMs,
    allowH2: false,
    autoSelectFamily: true,
    // Said out loud: NODE_TLS_REJECT_UNAUTHORIZED must not reach here.
    rejectUnauthorized: true,
    lookup: lookupWith(resolve),
  });
}

function lookupWith(resolve: Resolve): LookupFunction {
  return (host, options, callback) => {
    resolve(host).then(
      (addresses) => {
        const [first] = addresses;
        if (options.all) callback(null, [...addresses]);
        else callback(null, first?.address ?? "", first?.family);
      },
      (error: NodeJS.ErrnoException) => {
        // A name that does not exist looks like one that must not be called (SR-22).
        const unknown = error.code === "ENOTFOUND" || error.code === "ENODATA";
        callback(unknown ? addressRefused() : error, "");
      },
    );
  };
}
