import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AppError } from "#core/errors.ts";
import { addressRefused, checkUrl, isGloballyReachable, joinPath } from "./address.ts";
import { createPolicy } from "./policy.ts";

const policy = createPolicy();
const plain = createPolicy({ allowHttp: true });
const refusalOf = (work: () => unknown): AppError => {
  try {
    work();
  } catch (error) {
    if (error instanceof AppError && error.code === "address_refused") return error;
    throw error;
  }
  throw new Error("was accepted");
};

describe("isGloballyReachable", () => {
  // First and last address of every range, and its neighbours where they are public.
  it.each([
    ["0.0.0.0", "0.255.255.255", undefined, "1.0.0.0"],
    ["10.0.0.0", "10.255.255.255", "9.255.255.255", "11.0.0.0"],
    ["100.64.0.0", "100.127.255.255", "100.63.255.255", "100.128.0.0"],
    ["127.0.0.0", "127.255.255.255", "126.255.255.255", "128.0.0.0"],
    ["169.254.0.0", "169.254.255.255", "169.253.255.255", "169.255.0.0"],
    ["172.16.0.0", "172.31.255.255", "172.15.255.255", "172.32.0.0"],
    ["192.0.0.0", "192.0.0.255", "191.255.255.255", "192.0.1.0"],
    ["192.0.2.0", "192.0.2.255", "192.0.1.255", "192.0.3.0"],
    ["192.88.99.0", "192.88.99.255", "192.88.98.255", "192.88.100.0"],
    ["192.168.0.0", "192.168.255.255", "192.167.255.255", "192.169.0.0"],
    ["198.18.0.0", "198.19.255.255", "198.17.255.255", "198.20.0.0"],
    ["198.51.100.0", "198.51.100.255", "198.51.99.255", "198.51.101.0"],
    ["203.0.113.0", "203.0.113.255", "203.0.112.255", "203.0.114.0"],
    ["224.0.0.0", "255.255.255.255", "223.255.255.255", undefined],
    ["168.63.129.16", "168.63.129.16", "168.63.129.15", "168.63.129.17"],
    ["2001::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", "2000:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2001:200::"],
    ["2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db7:ffff::", "2001:db9::"],
    ["2002::", "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2001:ffff::", "2003::"],
    ["3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff", "3ffe:ffff::", "3fff:1000::"],
    ["4000::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "3fff:ffff::", undefined],
    ["::", "1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", undefined, "2000::"],
  ])("SR-16 refuses %s to %s and not their public neighbours", (first, last, before, after) => {
    expect([first, last].map(isGloballyReachable)).toEqual([false, false]);
    for (const neighbour of [before, after])
      if (neighbour) expect(isGloballyReachable(neighbour), neighbour).toBe(true);
  });

  it("SR-16 refuses every way to write an IPv4 address as an IPv6 one, a public one too", () => {
    for (const ipv4 of ["127.0.0.1", "10.0.0.1", "169.254.169.254", "8.8.8.8"]) {
      const forms = ["::ffff:", "::", "::ffff:0:", "64:ff9b::", "64:ff9b:1::"].map((prefix) => prefix + ipv4);
      for (const form of forms) expect(isGloballyReachable(form), form).toBe(false);
    }
    expect(isGloballyReachable("::ffff:7f00:1")).toBe(false);
    expect(isGloballyReachable("2002:7f00:1::")).toBe(false);
  });

  it("SR-16 refuses loopback, link-local, unique-local, multicast and zoned addresses", () => {
    for (const ip of ["::1", "fe80::1", "fe80::1%eth0", "2606:4700::1%1", "fc00::1", "fdff::", "ff02::1", "fec0::1"]) {
      expect(isGloballyReachable(ip), ip).toBe(false);
    }
  });

  it("SR-16 judges an IPv6 address the same however it is written", () => {
    const groups = fc.array(fc.nat(0xffff), { minLength: 8, maxLength: 8 });
    fc.assert(
      fc.property(groups, (parts) => {
        const long = parts.map((part) => part.toString(16).padStart(4, "0")).join(":");
        const short = new URL(`http://[${long}]`).hostname.slice(1, -1);
        const dotted = `${parts
          .slice(0, 6)
          .map((part) => part.toString(16))
          .join(":")}:${parts
          .slice(6)
          .flatMap((part) => [part >> 8, part & 255])
          .join(".")}`;
        const [first = 0, second = 0] = parts;
        const expected =
          first >> 13 === 1 &&
          first !== 0x2002 &&
          !(first === 0x2001 && (second < 0x200 || second === 0xdb8)) &&
          !(first === 0x3fff && second < 0x1000);
        expect([long, long.toUpperCase(), short, dotted].map(isGloballyReachable)).toEqual(Array(4).fill(expected));
      }),
      { numRuns: 2_000 },
    );
  });

  it("SR-78 takes nothing that is not an address for a reachable one", () => {
    for (const text of [
      "",
      "example.com",
      "8.8.8",
      "8.8.8.8.",
      "08.8.8.8",
      "0x8.8.8.8",
      "[::1]",
      " 8.8.8.8",
      "1",
      "8.8.8.8/8",
    ]) {
      expect(isGloballyReachable(text), text).toBe(false);
    }
  });

  it("accepts public addresses", () => {
    for (const ip of ["1.1.1.1", "8.8.8.8", "93.184.215.14", "2606:4700:4700::1111", "2a00:1450:4001:81b::200e"]) {
      expect(isGloballyReachable(ip), ip).toBe(true);
    }
  });
});

describe("checkUrl", () => {
  it.each([
    "http://127.0.0.1/",
    "http://2130706433/",
    "http://017700000001/",
    "http://0x7f000001/",
    "http://0x7f.1/",
    "http://127.1/",
    "http://0177.0.0.1/",
    "http://127.0.0.1./",
    "http://%31%32%37.0.0.1/",
    "http://①②⑦.⓪.⓪.①/",
    "http://127。0。0。1/",
    "http://0/",
    "http://[::1]/",
    "http://[::]/",
    "http://[0:0:0:0:0:0:0:1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/",
    "http://[::127.0.0.1]/",
    "http://[64:ff9b::169.254.169.254]/",
    "http://[fd00:ec2::254]/latest/meta-data",
    "http://169.254.169.254/latest/meta-data",
    "http://168.63.129.16/",
    "http://localhost/",
    "http://LOCALHOST/",
    "http://localhost./",
    "http://ｌｏｃａｌｈｏｓｔ/",
    "http://a.localhost/",
    "http://printer.local/",
    "http://metadata.google.internal/",
    "http://metadata.google.internal./",
    "http://router.home.arpa/",
    "http://api.default.svc/",
    "http://api.default.svc.cluster.local/",
    "http://intranet/",
    "http://example.com./",
    "https:\\\\127.0.0.1\\",
    "https:127.0.0.1",
    "ht\ntp://127.0.0.1/",
  ])("SR-15 SR-16 SR-22 refuses %j with the one refusal", (address) => {
    expect(refusalOf(() => checkUrl(address, plain)).message).toBe(addressRefused().message);
  });

  it.each([
    "file:///etc/passwd",
    "ftp://example.com/",
    "data:,x",
    "javascript:1",
    "gopher://example.com/",
    "ws://example.com/",
    "http://example.com/",
  ])("SR-14 refuses the scheme of %s", (address) => {
    expect(refusalOf(() => checkUrl(address, policy)).message).toContain("https");
  });

  it.each([
    "https://user@example.com/",
    "https://:secret@example.com/",
    "https://127.0.0.1@example.com/",
    "https://a:b@[2606:4700::1]/",
  ])("SR-14 refuses user names and passwords in %s", (address) => {
    refusalOf(() => checkUrl(address, policy));
  });

  it("SR-14 allows ports 443, 80, 8080, 8443 and those the operator adds", () => {
    const wider = createPolicy({ allowHttp: true, extraPorts: [9443] });
    for (const port of ["", ":443", ":80", ":8080", ":8443", ":9443"]) checkUrl(`https://example.com${port}/`, wider);
    for (const port of [":22", ":25", ":6379", ":5432", ":0", ":9443"]) {
      refusalOf(() => checkUrl(`https://example.com${port}/`, policy));
    }
  });

  it.each([
    "",
    "example.com",
    "//example.com",
    "/path",
    "https://",
    "https://exa mple.com",
    "https://[::1",
    "https://1.2.3.4.5/",
  ])("SR-15 refuses %j, which is no whole address", (address) => {
    refusalOf(() => checkUrl(address, policy));
  });

  it("SR-15 accepts public names and addresses and gives the parsed form", () => {
    expect(checkUrl("HTTPS://Example.COM:443/a/../b", policy).href).toBe("https://example.com/b");
    expect(checkUrl("https://bücher.example/", policy).hostname).toBe("xn--bcher-kva.example");
    expect(checkUrl("https://8.8.8.8/", policy).hostname).toBe("8.8.8.8");
    expect(checkUrl("https://[2606:4700:4700::1111]/", policy).port).toBe("");
    expect(checkUrl("https://localhost.example.com/", policy).hostname).toBe("localhost.example.com");
  });

  it("SR-19 lets through exactly the pairs that the operator named", () => {
    const excepted = createPolicy({ exceptions: ["127.0.0.1:9000", "Minio:9000", "[::1]:443"] });
    for (const address of ["http://127.0.0.1:9000/x", "https://minio:9000/", "https://[::1]/"]) {
      expect(checkUrl(address, excepted)).toBeInstanceOf(URL);
    }
    for (const address of [
      "http://127.0.0.1:9001/",
      "http://127.0.0.1/",
      "http://127.0.0.2:9000/",
      "http://localhost:9000/",
      "http://minio.:9000/",
      "http://[::1]:80/",
      "https://user@127.0.0.1:9000/",
      "ftp://127.0.0.1:9000/",
    ]) {
      refusalOf(() => checkUrl(address, excepted));
    }
  });

  it.each([
    "127.0.0.1",
    "*.example.com:443x",
    "http://a:1",
    "a:1/path",
    "a:1?x",
    "user@a:1",
    "",
    ":80",
    "a:99999",
    "10.0.0.0/8",
  ])("SR-19 refuses %j as an exception", (exception) => {
    expect(() => createPolicy({ exceptions: [exception] })).toThrow(TypeError);
  });
});

describe("joinPath", () => {
  it.each([
    ["https://x.test", "/users", "https://x.test/users"],
    ["https://x.test/v1/", "/users?page=2", "https://x.test/v1/users?page=2"],
    ["https://x.test/v1", "users/a%2Fb", "https://x.test/v1/users/a%2Fb"],
    ["https://x.test/v1", "", "https://x.test/v1"],
    ["https://x.test/v1", "?q=1", "https://x.test/v1?q=1"],
    ["https://x.test/v1", "/documents/1:update", "https://x.test/v1/documents/1:update"],
    ["https://x.test/v1", "/@someone", "https://x.test/v1/@someone"],
    ["https://x.test/v1", "/a/../b", "https://x.test/v1/b"],
  ])("SR-15 joins %s and %j", (base, path, expected) => {
    expect(joinPath(base, path).href).toBe(expected);
  });

  it.each([
    "//evil.test/x",
    "/\\evil.test",
    "\\\\evil.test",
    "\\evil.test",
    "@evil.test",
    "https://evil.test/",
    "https:evil.test",
    "HTTPS://x.test/v1/users",
    "javascript:alert(1)",
    "documents:update",
    "/\t/evil.test",
    "/\n/evil.test",
    "\t//evil.test",
    " //evil.test",
    "/../admin",
    "/..",
    "/%2e%2e/admin",
    "/a/../../admin",
    "../v10/x",
    "/x\0",
  ])("SR-15 refuses %j, which leads out of the base", (path) => {
    refusalOf(() => joinPath("https://x.test/v1", path));
  });

  it("SR-15 stays at the base's origin and below its path, or refuses", () => {
    const nasty = fc.string({
      unit: fc.constantFrom("/", "\\", "@", ":", ".", "%2e", "%2f", "?", "#", "\t", " ", "a", "x.test", "http"),
    });
    fc.assert(
      fc.property(nasty, (path) => {
        let url: URL;
        try {
          url = joinPath("https://x.test:8443/v1", path);
        } catch (error) {
          expect(error).toMatchObject({ code: "address_refused" });
          return;
        }
        expect(url.origin).toBe("https://x.test:8443");
        expect(url.pathname === "/v1" || url.pathname.startsWith("/v1/")).toBe(true);
        expect(url.username + url.password).toBe("");
      }),
      { numRuns: 5_000 },
    );
  });
});
