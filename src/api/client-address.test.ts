import { expect, it } from "vitest";
import { clientAddress } from "./client-address.ts";

it("SR-50 believes a forwarded address as far as the operator's proxies have written it, and no further", () => {
  const proxies = new Set(["10.0.0.1", "10.0.0.2"]);
  expect(clientAddress("203.0.113.9", "198.51.100.1", proxies)).toBe("203.0.113.9");
  expect(clientAddress("10.0.0.1", "198.51.100.1", proxies)).toBe("198.51.100.1");
  expect(clientAddress("10.0.0.1", "1.1.1.1, 198.51.100.1, 10.0.0.2", proxies)).toBe("198.51.100.1");
  expect(clientAddress("::ffff:10.0.0.1", "2001:db8::7", proxies)).toBe("2001:db8::7");
  expect(clientAddress("10.0.0.1", "made up", proxies)).toBe("10.0.0.1");
  expect(clientAddress("10.0.0.1", undefined, proxies)).toBe("10.0.0.1");
});
