import { expect, it } from "vitest";
import { parseJson } from "#outbound/json.ts";
import { redactor } from "#outbound/redact.ts";
import { Secret } from "#vault/secret.ts";
import { boundBody, showBody, sizeOf } from "./shown-body.ts";

const secret = "12345678901234567890";
const redact = redactor([new Secret(secret)]);
const show = (text: string, mediaType: string | null = "application/json") =>
  showBody(new TextEncoder().encode(text), mediaType, redact, parseJson);

it("SR-25 takes a secret out of values, names and numbers, however they are escaped", () => {
  const escaped = [...secret].map((digit) => `\\u00${digit.charCodeAt(0).toString(16)}`).join("");

  expect(show(`{"a":["x${secret}"],"${secret}":${secret.slice(0, 15)},"b":"${escaped}"}`)).toEqual({
    kind: "json",
    value: { a: ["x[secret]"], "[secret]": Number(secret.slice(0, 15)), b: "[secret]" },
  });
  const short = redactor([new Secret("1234")]);
  expect(showBody(new TextEncoder().encode('{"pin":1234}'), null, short, parseJson)).toEqual({
    kind: "json",
    value: { pin: "[secret]" },
  });
});

it("SR-25 shows no part of a secret that lies across the cut", () => {
  for (const before of [262_130, 262_143, 786_425]) {
    const shown = show("x".repeat(before) + secret + "y".repeat(600_000), "text/plain");

    expect(shown).toMatchObject({ kind: "text", cut: true });
    expect(JSON.stringify(shown)).not.toContain("1");
  }
  // Taking secrets out makes the text shorter, so that its end comes nearer.
  expect(JSON.stringify(show(`x${secret.repeat(60_000)}`, "text/plain"))).not.toContain("1");
});

it("shows JSON that is none, or nested too deep for a tree, as text", () => {
  expect(show('{"a": ')).toEqual({ kind: "text", text: '{"a": ', cut: false });
  expect(show("[".repeat(500) + "]".repeat(500))).toMatchObject({ kind: "text", cut: false });
  expect(show('{"a":1}', "text/html")).toEqual({ kind: "text", text: '{"a":1}', cut: false });
});

it("SR-24 `__proto__` in an answer is data", () => {
  const shown = show('{"__proto__":{"a":1}}');

  expect(JSON.stringify(shown)).toBe('{"kind":"json","value":{"__proto__":{"a":1}}}');
});

it("reads the encoding that the answer names", () => {
  const latin = showBody(Uint8Array.of(0x22, 0xe9, 0x22), "text/plain; charset=iso-8859-1", redact, parseJson);
  expect(latin).toEqual({ kind: "text", text: '"é"', cut: false });
  expect(showBody(Uint8Array.of(0xe9, 0xff), "text/plain", redact, parseJson)).toMatchObject({ kind: "binary" });
  expect(showBody(Uint8Array.of(0x41), "text/plain; charset=nonsense", redact, parseJson)).toMatchObject({
    kind: "binary",
  });
});

it("SR-75 keeps as much as may be kept, whatever the characters", () => {
  for (const text of ["x".repeat(100_000), "\u0001".repeat(100_000), "🚢".repeat(50_000), '"'.repeat(100_000)]) {
    const bound = boundBody({ kind: "text", text, cut: false }, 10_000);

    expect(sizeOf(bound)).toBeLessThanOrEqual(10_000);
    expect(bound).toMatchObject({ cut: true });
  }
  expect(boundBody({ kind: "json", value: { a: 1 } }, 100)).toEqual({ kind: "json", value: { a: 1 } });
});
