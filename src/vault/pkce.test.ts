import { expect, it } from "vitest";
import { hashOf, isState, newState, newVerifier } from "./pkce.ts";
import { reveal } from "./reveal.ts";

it("SR-33 makes the challenge of RFC 7636", () => {
  expect(newVerifier("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk").challenge).toBe(
    "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
  );
});

it("SR-33 makes verifiers and states of 256 random bits, never the same one twice", () => {
  const states = Array.from({ length: 100 }, () => newState().text);
  const verifiers = Array.from({ length: 100 }, () => reveal(newVerifier().verifier));

  expect(new Set([...states, ...verifiers]).size).toBe(200);
  for (const text of [...states, ...verifiers]) expect(text).toMatch(/^[A-Za-z0-9_-]{43}$/);
});

it("SR-9 keeps the hash of a state, by which it is found", () => {
  const { text, hash } = newState();

  expect(hashOf(text)).toEqual(hash);
  expect(Buffer.from(hash).includes(text)).toBe(false);
});

it("knows what cannot be a state", () => {
  expect(isState(newState().text)).toBe(true);
  for (const text of ["", "short", `${newState().text}x`, `${newState().text.slice(1)} `]) {
    expect(isState(text)).toBe(false);
  }
});
