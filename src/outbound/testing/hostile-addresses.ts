/**
 * Addresses that nobody may make Hawser call (SR-14, SR-15, SR-16), in every way to write them that somebody has got
 * through a filter with. For every place that takes an address: base URL, token URL, discovery, import, next link.
 */

/** Hosts that are not out in the world. All that mean 127.0.0.1 reach a server there, where nothing stops them. */
export const hostileHosts: readonly string[] = [
  "127.0.0.1",
  "127.1",
  "127.255.255.254",
  "2130706433",
  "0x7f000001",
  "017700000001",
  "0x7f.0.0.1",
  "127.0.0.1.",
  "%31%32%37.0.0.1",
  "①②⑦.⓪.⓪.①",
  "127。0。0。1",
  "0",
  "0.0.0.0",
  "[::1]",
  "[::]",
  "[0:0:0:0:0:0:0:1]",
  "[::ffff:127.0.0.1]",
  "[::ffff:7f00:1]",
  "[::127.0.0.1]",
  "[64:ff9b::7f00:1]",
  "[64:ff9b:1::7f00:1]",
  "[2002:7f00:1::]",
  "[2001::1]",
  "[2001:db8::1]",
  "[3fff::1]",
  "[fe80::1]",
  "[fd00:ec2::254]",
  "[ff02::1]",
  "10.0.0.1",
  "100.64.0.1",
  "169.254.169.254",
  "168.63.129.16",
  "172.16.0.1",
  "192.168.0.1",
  "192.0.2.1",
  "198.18.0.1",
  "224.0.0.1",
  "255.255.255.255",
  "localhost",
  "LOCALHOST",
  "localhost.",
  "ｌｏｃａｌｈｏｓｔ",
  "api.localhost",
  "printer.local",
  "metadata.google.internal",
  "router.home.arpa",
  "api.default.svc",
  "intranet",
  "example.com.",
];

/** Addresses that are wrong in another part than their host. */
const hostileForms: readonly string[] = [
  "ftp://example.com/",
  "file:///etc/passwd",
  "gopher://example.com:443/",
  "data:text/plain,x",
  "javascript:alert(1)",
  "https://user:password@example.com/",
  "https://example.com@127.0.0.1/",
  "https://127.0.0.1#@example.com/",
  "https://127.0.0.1\\@example.com/",
  "https:127.0.0.1",
  "https:/\\127.0.0.1/",
  "ht\ntps://127.0.0.1/",
  "https://example.com:22/",
  "https://example.com:6379/",
  "https://example.com:0/",
  "//example.com/",
  "example.com",
  "/latest/meta-data",
  "https://",
  "https://[::1",
  "",
];

/** Whole addresses, all to be refused with `address_refused`. `port` is one that would be allowed. */
export const hostileAddresses = (port?: number): readonly string[] => [
  ...hostileHosts.map((host) => `https://${host}${port === undefined ? "" : `:${port}`}/`),
  ...hostileForms,
];

/** Unassigned, so that nobody gets a packet from a test, but out in the world as far as the rules go. */
const unassigned = "2d00::1";

/**
 * What names stand for that look public, and are not: for a name server of the test's own. Where there are several
 * lists, the name changes its meaning from one question to the next.
 */
export const hostileRecords: Readonly<Record<string, readonly (readonly string[])[]>> = {
  "loopback.example.com": [["127.0.0.1"]],
  "loopback6.example.com": [["::1"]],
  "nothing.example.com": [["0.0.0.0"]],
  "private.example.com": [["10.0.0.1"]],
  "metadata.example.com": [["169.254.169.254"]],
  "mapped.example.com": [["::ffff:127.0.0.1"]],
  "translated.example.com": [["64:ff9b::7f00:1"]],
  "six-to-four.example.com": [["2002:7f00:1::"]],
  "mixed.example.com": [["93.184.215.14", "127.0.0.1"]],
  "mixed-the-other-way.example.com": [["127.0.0.1", "93.184.215.14"]],
  "mixed-families.example.com": [[unassigned, "127.0.0.1"]],
  "alias.example.com": [["inside.example.net"]],
  "inside.example.net": [["127.0.0.1"]],
  "empty.example.com": [[]],
};

/** Public when it is asked for the first time, and loopback from then on. */
export const rebinding: readonly (readonly string[])[] = [[unassigned], ["127.0.0.1"]];
