import { describe, expect, it } from "vitest";
import { newToken } from "#vault/token.ts";
import { createLog } from "./log.ts";

/** A log, and the lines that it has written. */
function aLog(secrets: string[] = []) {
  const lines: string[] = [];
  const log = createLog("debug", { secrets: new Set(secrets), to: { write: (line) => void lines.push(line) } });
  return { log, lines };
}

describe("the log", () => {
  it("SR-74 is one object a line, whatever a text has in it", () => {
    const { log, lines } = aLog();
    log.info({ name: 'two\nlines \u001b[31m \u0000 "quoted" \u2028' }, "a\r\nb");
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^\{[\x20-\x7e\u2028]*\}\n$/u);
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({ msg: "a\r\nb", time: expect.stringMatching(/Z$/) });
  });

  it.each([
    ["a session", newToken("hwss").text],
    ["an API key", newToken("hwsr").text],
    ["an invitation", newToken("hwsi").text],
    ["a header", "Bearer eyJhbGciOiJIUzI1NiJ9.e30.x-_y"],
    ["an address with a password", "postgres://hawser:correcthorse@db.example:5432/hawser"],
    ["a secret of this process", 'a "quoted" \\ secret'],
  ])("SR-74 SR-12 lets %s through in no field, message or error", (_, text) => {
    const { log, lines } = aLog(['a "quoted" \\ secret']);
    const failure = Object.assign(new Error(`could not use ${text}`), { client: { password: text }, code: "28P01" });
    log.error({ err: failure, note: text, deep: { list: [text] } }, `tried ${text}`);
    const line = JSON.parse(lines[0] ?? "");
    expect(line).toMatchObject({ err: { code: "28P01" }, msg: expect.stringContaining("[secret]") });
    expect(line.err).not.toHaveProperty("client");
    const values = JSON.stringify(line);
    const secret = text.replace(/^.*:\/\/\w+:|@.*$|^Bearer /g, "");
    expect(values).not.toContain(JSON.stringify(secret).slice(1, -1));
  });

  it("leaves ordinary text as it is", () => {
    const { log, lines } = aLog(["short"]);
    log.info({ path: "/Engine/short: 12:30@noon", url: "https://example.org/a:b" }, "shortened");
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({
      path: "/Engine/short: 12:30@noon",
      url: "https://example.org/a:b",
      msg: "shortened",
    });
  });
});
