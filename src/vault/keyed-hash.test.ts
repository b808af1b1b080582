import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import { createKeyedHash } from "./keyed-hash.ts";
import { newKeyFileText, parseKeyFile } from "./keyring.ts";

const aHash = () =>
  createKeyedHash(parseKeyFile({ path: "hawser.key", mode: 0o600, text: newKeyFileText(new Date()) }));

it("SR-1 stands for a text, and gives nobody without the master key a way to try guesses", () => {
  const [ours, others] = [aHash(), aHash()];
  const text = '{"credential":{"password":"summer"}}';
  expect(ours(text)).toEqual(ours(text));
  expect(ours(text)).not.toEqual(ours(`${text} `));
  expect(ours(text)).not.toEqual(others(text));
  expect(Buffer.from(ours(text))).not.toEqual(createHash("sha256").update(text).digest());
});
