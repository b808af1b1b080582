import { describe, expect, it } from "vitest";
import { AppError } from "#core/errors.ts";
import type { Auth } from "./auth.ts";
import { credentialSchema, sealableFields } from "./credential.ts";

const endpoint = { tokenUrl: "https://id.example.com/token", scopes: ["read"] };
const ways: Record<Auth["type"], Auth> = {
  none: { type: "none" },
  api_key: { type: "api_key", label: "API key", place: { header: "x-api-key" } },
  bearer: { type: "bearer", label: "Token" },
  basic: { type: "basic", usernameLabel: "User name", passwordLabel: "Application password" },
  oauth2_authorization_code: {
    type: "oauth2_authorization_code",
    authorizeUrl: "https://id.example.com/authorize",
    pkce: true,
    clientAuth: "basic",
    refresh: "stable",
    ...endpoint,
  },
  oauth2_client_credentials: { type: "oauth2_client_credentials", clientAuth: "body", ...endpoint },
  service_account: { type: "service_account", label: "Key file", ...endpoint },
  access_key: { type: "access_key", region: "eu-central-1", service: "s3" },
  signing_secret: { type: "signing_secret", label: "Signing secret", scheme: { kind: "webhook" } },
  two_step: {
    type: "two_step",
    fields: [
      { name: "account", label: "Account", secret: false },
      { name: "pin", label: "PIN", secret: true },
    ],
    login: { method: "POST", url: "https://api.example.com/login", body: "json", params: { pin: "{pin}" } },
  },
};

// Put together here, so that nobody who looks for keys finds one.
const key = ["-----BEGIN", "PRIVATE KEY-----\nMIIB\n-----END", "PRIVATE KEY-----\n"].join(" ");
const file = {
  type: "service_account",
  project_id: "p",
  private_key_id: "k1",
  private_key: key,
  client_email: "robot@p.example.com",
  token_uri: "https://evil.example.com/token",
  auth_uri: "https://evil.example.com/auth",
};

const refusalOf = (work: () => unknown): AppError => {
  try {
    work();
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error("it was taken");
};

describe("the form of a credential", () => {
  it.each(Object.values(ways))("SR-7 has only fields that can be written and not read ($type)", (auth) => {
    const { properties } = credentialSchema(auth).jsonSchema as { properties: Record<string, { writeOnly?: true }> };
    expect(Object.values(properties).every(({ writeOnly }) => writeOnly === true)).toBe(true);
  });

  it("asks for nothing where a person signs in at the provider, or nobody does", () => {
    for (const auth of [ways.none, ways.oauth2_authorization_code]) expect(sealableFields(auth, {})).toEqual({});
  });

  it("takes the blanks of copying off", () => {
    expect(sealableFields(ways.api_key, { key: " k-123\n" })).toEqual({ key: "k-123" });
  });

  it("asks for one field where the key is the user name", () => {
    expect(sealableFields({ type: "basic", usernameLabel: "Key" }, { username: "sk" })).toEqual({ username: "sk" });
  });

  it.each([
    ["is missing", {}, "/credential/password"],
    ["is empty", { username: "ada", password: "  " }, "/credential/password"],
    ["is unknown", { username: "ada", password: "p", "a/b": "x" }, "/credential/a~1b"],
    ["has a line break", { username: "ada", password: "p\r\nx: y" }, "/credential/password"],
  ])("names the field that %s", (_, entered, pointer) => {
    const refusal = refusalOf(() => sealableFields(ways.basic, entered));
    expect(refusal.code).toBe("invalid_request");
    expect(refusal.errors.map((error) => error.pointer)).toContain(pointer);
  });

  it("says nothing of what was entered", () => {
    const refusal = refusalOf(() => sealableFields(ways.basic, { username: "ada", password: "hunter2\0" }));
    expect(JSON.stringify([refusal.message, refusal.errors])).not.toContain("hunter2");
  });
});

describe("key files", () => {
  it("SR-43 of them only account and key are read, no address", () => {
    expect(sealableFields(ways.service_account, { key_file: JSON.stringify(file) })).toEqual({
      client_email: "robot@p.example.com",
      private_key: key,
      private_key_id: "k1",
    });
  });

  it.each([
    ["no JSON", "{", "not a JSON file"],
    ["the file of an OAuth client", JSON.stringify({ installed: {} }), '"type"'],
    ["one without its key", JSON.stringify({ ...file, private_key: undefined }), '"private_key"'],
    ["one whose key is another thing", JSON.stringify({ ...file, private_key: "secret" }), '"private_key"'],
  ])("%s is refused with what is wrong", (_, text, words) => {
    const refusal = refusalOf(() => sealableFields(ways.service_account, { key_file: text }));
    expect(refusal.errors[0]?.pointer).toBe("/credential/key_file");
    expect(refusal.message).toContain(words);
    expect(refusal.message).not.toContain('secret"');
  });
});
