import fc from "fast-check";
import { expect, it } from "vitest";
import { fillAddress, originPattern, readAddress } from "./address.ts";
import { configOf } from "./variables.ts";

const hostile = [
  "evil.com/",
  "x@evil.com#",
  "evil.com?",
  "evil.com#",
  "a:b@evil.com",
  "evil.com:443",
  "evil.com\\",
  "..",
  "",
  " ",
  "a b",
  "%2e%2e",
  "evil.com%2f",
  "ｅvil",
  "xn--",
  "-a",
  "a-",
  "a..b",
  ".a",
  "a.",
  "[::1]",
  "\u0000",
  "a\nb",
  "{x}",
  "*",
];

it.each(hostile)("SR-15 the shop %j does not change the host, nor does it get into a config", (shop) => {
  const config = configOf([{ name: "shop", label: "Shop" }]);
  const isRight = /^[A-Za-z0-9-]+$/.test(shop);
  if (!isRight) expect(() => config.parse({ shop })).toThrow(/letters, digits and hyphens|one line of text/);
  expect(leavesHost("https://{shop}.example.com/v1", shop, ".example.com")).toBe(true);
});

const value = fc.oneof(
  fc.string(),
  fc.string({ unit: "grapheme" }),
  fc.webUrl(),
  fc.domain(),
  fc.constantFrom(...hostile),
  fc.tuple(fc.constantFrom(...hostile), fc.domain()).map((parts) => parts.join("")),
);

it("SR-15 no value changes scheme, domain, port or user name of an address", () => {
  fc.assert(
    fc.property(value, value, (one, other) => {
      expect(leavesHost("https://{a}.example.com/v1", one, ".example.com")).toBe(true);
      expect(leavesHost("https://api-{a}.example.com:8443/v1/{b}?x={b}", one, ".example.com", other)).toBe(true);
      expect(leavesHost("https://{a}/v1/{b}", one, undefined, other)).toBe(true);
      expect(leavesHost("{a}/v1/{b}", one, undefined, other)).toBe(true);
    }),
    { numRuns: 5000 },
  );
});

/** True where the value is refused, or where the address is the one its author meant. */
function leavesHost(template: string, a: string, domain: string | undefined, b = "b"): boolean {
  let filled: string;
  try {
    filled = fillAddress(
      template,
      new Map([
        ["a", a],
        ["shop", a],
        ["b", b],
      ]),
    );
  } catch {
    return true;
  }
  const url = new URL(filled);
  const isBelow = domain === undefined ? url.host !== "" : url.hostname.endsWith(domain);
  const port = template.includes(":8443") ? "8443" : domain === undefined ? url.port : "";
  return isBelow && url.protocol === "https:" && url.username === "" && url.password === "" && url.port === port;
}

it("what a person pastes loses the prefix and suffix that stand around the field", () => {
  const config = configOf([{ name: "shop", label: "Shop", prefix: "https://", suffix: ".myshopify.com" }]);
  expect(config.parse({ shop: "https://yard.myshopify.com" })).toEqual({ shop: "yard" });
  expect(config.parse({ shop: " yard " })).toEqual({ shop: "yard" });
  expect(() => config.parse({ shop: "https://evil.com" })).toThrow();
  expect(() => config.parse({ shop: "yard", other: "x" })).toThrow();
  expect(() => config.parse({})).toThrow();
});

it("a host that the connection names may have a port, and nothing else", () => {
  const at = (host: string) => fillAddress("https://{host}/api", new Map([["host", host]]));
  expect(at("git.example.com:8443")).toBe("https://git.example.com:8443/api");
  expect(at("git.example.com:443")).toBe("https://git.example.com:443/api");
  expect(() => at("git.example.com:99999")).toThrow();
  expect(() => at("0x7f.1")).toThrow();
  expect(() => at("git.example.com/x")).toThrow();
});

it("what the provider tells as its address is https, and no more than an address", () => {
  const at = (told: string) => fillAddress("{instance}/v1", new Map([["instance", told]]));
  expect(at("https://na1.example.com")).toBe("https://na1.example.com/v1");
  expect(at("https://na1.example.com/")).toBe("https://na1.example.com/v1");
  for (const told of [
    "http://na1.example.com",
    "https://a:b@example.com",
    "https://example.com?x",
    "https://example.com#",
    "//x",
    "https://EXAMPLE.com",
    "https://exa\tmple.com",
  ]) {
    expect(() => at(told), told).toThrow();
  }
});

it("an address whose values are not known yet tells its domain, where it names one", () => {
  const open = fillAddress("https://{dc}.api.example.com/3.0", new Map());
  expect(originPattern(open)).toBe("https://*.api.example.com");
  expect(originPattern("https://{host}/x")).toBeUndefined();
  expect(originPattern("{instance}/x")).toBeUndefined();
});

it("SR-32 random texts are addresses or are refused in words", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        value.map((one) => `https://${one}`),
        fc.webUrl(),
      ),
      (text) => {
        try {
          readAddress(text);
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
          expect(error).not.toBeInstanceOf(TypeError);
          return;
        }
        expect(new URL(text.replace(/\{[A-Za-z]\w*\}/g, "x")).username).toBe("");
      },
    ),
    { numRuns: 3000 },
  );
});
