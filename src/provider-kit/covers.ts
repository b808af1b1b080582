/**
 * Whether a list of addresses covers an address: same scheme, host and port. `*.` at the beginning of a host stands for
 * any number of subdomains, but not for none.
 */
export const covers = (addresses: readonly string[], url: URL): boolean =>
  addresses.some((address) => {
    const { protocol, host } = new URL(address.replace("*.", ""));
    if (url.protocol !== protocol) return false;
    return address.includes("*.") ? url.host.endsWith(`.${host}`) : url.host === host;
  });
