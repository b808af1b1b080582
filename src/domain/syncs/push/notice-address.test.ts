import { expect, it } from "vitest";
import { addressOf, noticeUrl, whyUnreachable } from "./notice-address.ts";

const reachable = (publicUrl: string, sandbox = false) => whyUnreachable({ publicUrl }, sandbox) === undefined;

it("takes public https addresses only", () => {
  expect(reachable("https://hawser.example.com")).toBe(true);
  expect(reachable("https://hawser.example.com:8443/yard")).toBe(true);
  expect(reachable("https://203.0.114.7")).toBe(true);
  for (const url of [
    "http://hawser.example.com",
    "http://localhost:8080",
    "https://localhost",
    "https://hawser",
    "https://hawser.local",
    "https://10.1.2.3",
    "https://[::1]",
    "https://[fd00::1]:8443",
  ]) {
    expect(reachable(url), url).toBe(false);
  }
});

it("SR-19 lets the sandbox's simulators reach this machine and nothing else", () => {
  expect(reachable("http://localhost:8080", true)).toBe(true);
  expect(reachable("http://127.0.0.1:8080", true)).toBe(true);
  expect(reachable("https://hawser.example.com", true)).toBe(false);
  expect(reachable("http://localhost.example.com", true)).toBe(false);
  expect(reachable("https://localhost", true)).toBe(false);
});

it("SR-36 makes addresses of the configured one", () => {
  expect(noticeUrl(addressOf({ publicUrl: "https://hawser.example.com/yard/" }), "x")).toBe(
    "https://hawser.example.com/yard/hooks/push/x",
  );
});
