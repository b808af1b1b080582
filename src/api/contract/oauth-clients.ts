import { z } from "zod";
import { id, route, time } from "./route.ts";

const oauthClientView = z.object({
  source: z.enum(["operator", "workspace", "missing"]),
  client_id: z.string().nullable(),
  secret_set: z.boolean(),
  fingerprint: z.string().nullable(),
  set_at: time.nullable(),
  set_by: z.string().nullable(),
});
const ofProvider = z.strictObject({ workspace: id, provider: z.string().max(80) });
export const getOAuthClient = route({
  name: "oauthClients.get",
  method: "GET",
  path: "/workspaces/{workspace}/oauth-clients/{provider}",
  summary: "The OAuth client that a provider is signed in with",
  access: { who: "workspace", role: "admin" },
  params: ofProvider,
  reply: oauthClientView,
});
export const setOAuthClient = route({
  name: "oauthClients.set",
  method: "POST",
  path: "/workspaces/{workspace}/oauth-clients/{provider}",
  summary: "Use an OAuth client of the workspace's own at a provider; connections of another client sign in again",
  access: { who: "workspace", role: "admin" },
  audit: "oauth_client.set",
  params: ofProvider,
  body: z.strictObject({
    client_id: z.string().trim().min(1).max(1024),
    client_secret: z.string().max(65_536).optional().describe("Write-only"),
  }),
  reply: oauthClientView,
});
export const deleteOAuthClient = route({
  name: "oauthClients.delete",
  method: "DELETE",
  path: "/workspaces/{workspace}/oauth-clients/{provider}",
  summary: "Go back to the operator's OAuth client, where there is one",
  access: { who: "workspace", role: "admin" },
  audit: "oauth_client.deleted",
  params: ofProvider,
  status: 204,
});
