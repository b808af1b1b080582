import { z } from "zod";
import { inWorkspace, route } from "./route.ts";

const jsonObject = z.record(z.string(), z.unknown());

export const authType = z.enum([
  "none",
  "api_key",
  "bearer",
  "basic",
  "oauth2_authorization_code",
  "oauth2_client_credentials",
  "service_account",
  "two_step",
  "signing_secret",
  "access_key",
]);

const signInView = z.object({
  type: authType,
  label: z.string().describe("In words, such as `Sign in at Google Drive`"),
  credential_schema: jsonObject.describe("JSON Schema of what a person enters; its fields are write-only"),
  scopes: z.array(z.string()),
  redirect_uri: z.string().nullable().describe("What the provider's console has to know; for OAuth sign-in only"),
  hosts: z.array(z.string()).describe("Hosts that this sign-in goes through"),
  steps: z.array(z.string()).describe("What to do at the provider before the first sign-in"),
  oauth_client: z
    .enum(["operator", "workspace", "sandbox", "missing"])
    .nullable()
    .describe("Whose OAuth client is used; null where none is needed"),
});

export const providerView = z.object({
  key: z.string(),
  name: z.string(),
  description: z.string(),
  category: z.string(),
  glyph: z.object({
    letters: z.string(),
    hue: z.enum(["teal", "blue", "violet", "magenta", "red", "orange", "green", "slate"]),
  }),
  origin: z.enum(["built_in", "custom"]),
  legacy: z.string().nullable().describe("Why nobody new gets this, and what to do instead"),
  sign_in: z.array(signInView).describe("Ways to sign in, best first"),
  parts: z.array(z.string()).describe("What it can do: files, changes, store, actions, publish, webhooks, handoff"),
  addresses: z.array(z.string()).describe("Hosts that receive data; empty for a provider on this machine"),
  config_schema: jsonObject.describe("JSON Schema of a connection's config"),
  connections: z.number().describe("Connections of this workspace"),
});
export const listProviders = route({
  name: "catalog.list",
  method: "GET",
  path: "/workspaces/{workspace}/catalog",
  summary: "Everything that can be connected",
  access: { who: "workspace", role: "viewer" },
  params: inWorkspace,
  query: z.strictObject({ sandbox: z.enum(["true", "false"]).default("false") }),
  reply: z.object({
    items: z.array(providerView),
    sandbox: z
      .object({ available: z.boolean(), address: z.string().nullable().describe("Where the simulators are played") })
      .describe("Simulators of the providers, to try without an account"),
  }),
});
