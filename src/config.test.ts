import { describe, expect, it } from "vitest";
import { ConfigError, readConfig } from "./config.ts";

const read = (environment: Record<string, string>, file?: string) =>
  readConfig({ environment, file, folder: "/srv/hawser" });
const refusals = (environment: Record<string, string>, file?: string) => {
  try {
    read(environment, file);
  } catch (error) {
    if (error instanceof ConfigError)
      return Object.fromEntries(error.refusals.map(({ name, reason }) => [name, reason]));
    throw error;
  }
  return {};
};
const production = {
  HAWSER_ENV: "production",
  HAWSER_PUBLIC_URL: "https://hawser.example.com",
  HAWSER_KEY_FILE: "/etc/hawser.key",
};

describe("settings", () => {
  it("need nothing at all on a laptop", () => {
    expect(read({})).toMatchObject({
      production: false,
      host: "127.0.0.1",
      port: 8080,
      publicUrl: "http://localhost:8080",
      dataDir: "/srv/hawser/data",
      keyFile: "/srv/hawser/hawser.key",
      signUp: "invited",
      sourceRoots: new Map([["documents", "/srv/hawser/documents"]]),
    });
  });

  it("come from the environment, else from the file, and say from where", () => {
    const config = read({ HAWSER_PORT: "9000" }, "HAWSER_PORT=1\nHAWSER_ROLE=worker\n");
    expect(config).toMatchObject({ port: 9000, role: "worker" });
    expect(config.settings).toContainEqual({ name: "HAWSER_PORT", value: "9000", source: "environment" });
    expect(config.settings).toContainEqual({ name: "HAWSER_ROLE", value: "worker", source: "file" });
    expect(config.settings).toContainEqual({ name: "HAWSER_HOST", value: "127.0.0.1", source: "default" });
  });

  it("SR-103 refuses every wrong value at once, with name, reason and example", () => {
    expect(
      refusals({
        HAWSER_PORT: "eighty",
        HAWSER_ROLE: "boss",
        HAWSER_SOURCE_ROOTS: "docs=relative",
        HAWSER_ALLOW_HTTP: "yes",
        HAWSER_LEASE_SECONDS: "1",
      }),
    ).toEqual({
      HAWSER_PORT: "It must be a number.",
      HAWSER_ROLE: "It is api, worker or all.",
      HAWSER_SOURCE_ROOTS: '"docs=relative" names no absolute path.',
      HAWSER_ALLOW_HTTP: "It is either true or false.",
      HAWSER_LEASE_SECONDS: "At least 3.",
    });
    expect(() => read({ HAWSER_PORT: "x" })).toThrow("HAWSER_PORT: It must be a number. Example: HAWSER_PORT=8080");
  });

  it("SR-103 refuses a name it does not know and says the nearest one", () => {
    expect(refusals({ HAWSER_SORCE_ROOTS: "a=/b" }).HAWSER_SORCE_ROOTS).toContain("HAWSER_SOURCE_ROOTS");
    expect(() => read({ HAWSER_SORCE_ROOTS: "a=/b" })).toThrow("Example: HAWSER_SOURCE_ROOTS=documents=");
    expect(refusals({ HOME: "/root", PATH: "/bin" })).toEqual({});
  });

  it("SR-103 refuses what is unsafe in production, and starts with what is safe", () => {
    expect(Object.keys(refusals({ HAWSER_ENV: "production" })).sort()).toEqual([
      "HAWSER_KEY_FILE",
      "HAWSER_PUBLIC_URL",
    ]);
    expect(refusals({ ...production, HAWSER_PUBLIC_URL: "http://hawser.example.com" })).toHaveProperty(
      "HAWSER_PUBLIC_URL",
    );
    expect(refusals({ ...production, HAWSER_LOG_LEVEL: "debug" })).toHaveProperty("HAWSER_LOG_LEVEL");
    expect(refusals({ ...production, HAWSER_CORS_ORIGINS: "*" })).toHaveProperty("HAWSER_CORS_ORIGINS");
    expect(refusals({ ...production, HAWSER_DATA: "/srv/d", HAWSER_KEY_FILE: "/srv/d/key" })).toHaveProperty(
      "HAWSER_KEY_FILE",
    );
    expect(read(production)).toMatchObject({ production: true, host: "0.0.0.0" });
  });

  it("SR-19 SR-103 offers the sandbox everywhere but in production, which refuses it", () => {
    expect(read({})).toMatchObject({ sandbox: true, sandboxPort: 8090 });
    expect(read({ HAWSER_SANDBOX: "false" }).sandbox).toBe(false);
    expect(read(production).sandbox).toBe(false);
    expect(read({ ...production, HAWSER_SANDBOX: "false" }).sandbox).toBe(false);
    expect(refusals({ ...production, HAWSER_SANDBOX: "true" })).toHaveProperty("HAWSER_SANDBOX");
  });

  it("point a provider elsewhere, and name the installation's OAuth client there", () => {
    const { providerSetups } = read({
      HAWSER_GOOGLE_DRIVE_API_URL: "https://proxy.example.com/google/",
      HAWSER_ONEDRIVE_TOKEN_URL: "https://login.microsoftonline.us/{tenant}/oauth2/v2.0/token",
      HAWSER_X_CLIENT_ID: "app",
      HAWSER_X_CLIENT_SECRET: "hush",
      HAWSER_LINKEDIN_CLIENT_ID: "native",
    });
    expect(providerSetups.get("google-drive")).toEqual({ addresses: { api: "https://proxy.example.com/google" } });
    expect(providerSetups.get("onedrive")).toEqual({
      addresses: { token: "https://login.microsoftonline.us/{tenant}/oauth2/v2.0/token" },
    });
    expect(providerSetups.get("x")).toEqual({ addresses: {}, client: { id: "app", secret: "hush" } });
    expect(providerSetups.get("linkedin")).toEqual({ addresses: {}, client: { id: "native" } });
    expect(providerSetups.get("medium")).toEqual({ addresses: {} });
  });

  it.each([
    "proxy.example.com",
    "ftp://proxy.example.com",
    "https://",
    "https://a:b@c.example",
    "https://c.example/#x",
  ])("refuse %s as a provider's address", (address) => {
    expect(refusals({ HAWSER_X_API_URL: address })).toHaveProperty("HAWSER_X_API_URL");
  });

  it("refuse a client's secret without its id, and what a provider does not have", () => {
    expect(refusals({ HAWSER_X_CLIENT_SECRET: "hush" })).toHaveProperty("HAWSER_X_CLIENT_ID");
    expect(refusals({ HAWSER_WORDPRESS_API_URL: "https://a.example" })).toHaveProperty("HAWSER_WORDPRESS_API_URL");
    expect(refusals({ HAWSER_ONEDRIVE_REVOKE_URL: "https://a.example" })).toHaveProperty("HAWSER_ONEDRIVE_REVOKE_URL");
  });

  it("refuses a destination inside of a source", () => {
    expect(refusals({ HAWSER_SOURCE_ROOTS: "a=/srv/a", HAWSER_DESTINATION_ROOTS: "b=/srv/a/b" })).toHaveProperty(
      "HAWSER_DESTINATION_ROOTS",
    );
    expect(refusals({ HAWSER_SOURCE_ROOTS: "a=/srv/a", HAWSER_DESTINATION_ROOTS: "b=/srv/ab" })).toEqual({});
  });

  it("never shows a secret", () => {
    const config = read({
      DATABASE_URL: "postgresql://o:hunter2@db/h",
      HAWSER_MASTER_KEYS: "a:b",
      HAWSER_X_CLIENT_ID: "app",
      HAWSER_X_CLIENT_SECRET: "hunter3",
    });
    expect(JSON.stringify(config.settings)).not.toMatch(/hunter|a:b/);
    expect(config.settings).toContainEqual({ name: "HAWSER_X_CLIENT_SECRET", value: "set", source: "environment" });
    expect(config.settings).toContainEqual({ name: "HAWSER_X_CLIENT_ID", value: "app", source: "environment" });
    expect(config.databaseUrl).toContain("hunter2");
  });
});
