/** Which addresses are out in the world (SR-16), judged on their binary form. */
import { isIPv4, isIPv6 } from "node:net";

/**
 * True only for a unicast address that anybody on the internet could reach. Text that is not an address, and an IPv6
 * address with a zone, is not reachable.
 */
export function isGloballyReachable(ip: string): boolean {
  if (isIPv4(ip)) return !isIn(ipv4Refused, ipv4Bits(ip), 32);
  if (!isIPv6(ip) || ip.includes("%")) return false;
  const bits = ipv6Bits(ip);
  // Outside 2000::/3 lie loopback, private and link-local addresses, multicast, and every way to write an IPv4 address
  // as an IPv6 one except 6to4 and Teredo: mapped, compatible, translated (SIIT) and NAT64.
  return isIn(ipv6Global, bits, 128) && !isIn(ipv6Refused, bits, 128);
}

interface Range {
  start: bigint;
  prefix: number;
}

const ipv4Refused = [
  "0.0.0.0/8", // this network
  "10.0.0.0/8", // private
  "100.64.0.0/10", // carrier-grade NAT
  "127.0.0.0/8", // loopback
  "169.254.0.0/16", // link-local, and the metadata services of the clouds
  "172.16.0.0/12", // private
  "192.0.0.0/24", // protocol assignments
  "192.0.2.0/24", // documentation
  "192.88.99.0/24", // 6to4 relays
  "192.168.0.0/16", // private
  "198.18.0.0/15", // benchmarks
  "198.51.100.0/24", // documentation
  "203.0.113.0/24", // documentation
  "224.0.0.0/4", // multicast
  "240.0.0.0/4", // reserved, broadcast
  "168.63.129.16/32", // Azure's host, public by its number only
].map((text) => toRange(text, ipv4Bits));

const ipv6Global = ["2000::/3"].map((text) => toRange(text, ipv6Bits));

const ipv6Refused = [
  "2001::/23", // protocol assignments, Teredo among them
  "2001:db8::/32", // documentation
  "2002::/16", // 6to4
  "3fff::/20", // documentation
].map((text) => toRange(text, ipv6Bits));

function toRange(text: string, bitsOf: (ip: string) => bigint): Range {
  const [ip = "", prefix] = text.split("/");
  return { start: bitsOf(ip), prefix: Number(prefix) };
}

function isIn(ranges: readonly Range[], bits: bigint, width: number): boolean {
  return ranges.some(({ start, prefix }) => {
    const rest = BigInt(width - prefix);
    return bits >> rest === start >> rest;
  });
}

function ipv4Bits(ip: string): bigint {
  return ip.split(".").reduce((bits, part) => (bits << 8n) | BigInt(Number(part)), 0n);
}

/** Expects what isIPv6 has accepted: at most one `::`, and dotted decimals only at the end. */
function ipv6Bits(ip: string): bigint {
  const text = ip.replace(/[^:]+\.[^:]+$/, (tail) => {
    const bits = ipv4Bits(tail);
    return `${(bits >> 16n).toString(16)}:${(bits & 0xffffn).toString(16)}`;
  });
  const [head = "", tail] = text.split("::");
  const before = head === "" ? [] : head.split(":");
  const after = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = Array<string>(8 - before.length - after.length).fill("0");
  return [...before, ...zeros, ...after].reduce((bits, part) => (bits << 16n) | BigInt(Number.parseInt(part, 16)), 0n);
}
