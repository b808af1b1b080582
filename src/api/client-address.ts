/**
 * Where a request comes from. `x-forwarded-for` counts only as far as proxies of the operator have written it: it is read
 * from its end, as long as the address before is one of theirs.
 */
export function clientAddress(peer: string, forwarded: string | undefined, trusted: ReadonlySet<string>): string {
  let address = plain(peer);
  for (const hop of (forwarded ?? "").split(",").reverse()) {
    if (!trusted.has(address)) break;
    const next = plain(hop.trim());
    if (!/^[0-9a-fA-F.:]{2,45}$/.test(next)) break;
    address = next;
  }
  return address;
}

const plain = (address: string) => address.replace(/^::ffff:(?=\d+\.)/i, "");
