import type { IncomingMessage, ServerResponse } from "node:http";
import { type ConnectionId, newId, type UserId, type WorkspaceId } from "#core/ids.ts";
import type { Database } from "#db/database.ts";
import type { Actor } from "#domain/audit/actor.ts";
import { createProvider } from "#domain/catalog/create-provider.ts";
import { createSecret } from "#domain/secrets/set-secret.ts";
import { createPolicy } from "#outbound/policy.ts";
import { bodyOf, serve } from "#outbound/testing/loopback.ts";
import { connectionDeps } from "../../testing/connection-deps.ts";
import { storeCredential } from "../../tokens/credential.ts";
import { callConnection } from "../call-connection.ts";
import type { WantedCall } from "../prepare-call.ts";

export const apiKey = "canary-key/+&<\"'é-1";
export const shopSecret = "canary-secret/+&<\"'-2";

type Answer = (request: IncomingMessage, reply: ServerResponse, body: string) => void;

/** A custom provider on loopback, a connection to it with a key in `X-Api-Key`, and a secret that its actions send. */
export async function aCalledShop(database: Database) {
  const seen: { method: string; url: string; headers: IncomingMessage["headers"]; body: string }[] = [];
  let answer: Answer = (_, reply) => json(reply, 200, { items: [{ id: 1 }] });
  const server = await serve(async (request, reply) => {
    const body = await bodyOf(request);
    seen.push({ method: request.method ?? "", url: request.url ?? "", headers: request.headers, body });
    answer(request, reply, body);
  });
  const workspace = newId<WorkspaceId>();
  const actor: Actor = { kind: "user", id: newId<UserId>(), label: "Ana" };
  const caller = { workspace, actor, signal: new AbortController().signal };
  const exceptions = [`127.0.0.1:${server.port}`];
  const deps = {
    ...connectionDeps(database, { exceptions }),
    policy: createPolicy({ exceptions }),
    secretUsers: async () => new Map(),
  };
  await database.asWorkspace(
    { workspace },
    (tx) => tx.sql`
    insert into workspaces (id, name, slug, created_by) values (${workspace}, 'Yard', ${`yard-${workspace}`}, ${newId<UserId>()})`,
  );
  await createSecret(deps, caller, { name: "shop", description: "", value: shopSecret, origins: [server.origin] });
  await createSecret(deps, caller, {
    name: "elsewhere",
    description: "",
    value: shopSecret,
    origins: ["https://elsewhere.example.com"],
  });
  await createProvider(deps, caller, { name: "shop", active: true, definition: definitionAt(server.origin) });
  const connection = newId<ConnectionId>();
  const auth = { type: "api_key" as const, label: "Key", place: { header: "X-Api-Key" } };
  await database.asWorkspace({ workspace }, async (tx) => {
    await tx.sql`
      insert into connections (workspace_id, id, provider, name, status, auth_type)
      values (${workspace}, ${connection}, 'custom-shop', 'Shop', 'active', 'api_key')`;
    const about = { origins: [server.origin], by: null };
    // A header holds one octet for each character; the é is sent as one.
    await storeCredential(tx, deps, connection, auth, { key: apiKey }, about);
  });

  const call = (wanted: Partial<WantedCall>) => callConnection(deps, caller, connection, { fresh: false, ...wanted });
  return {
    ...server,
    deps,
    caller,
    workspace,
    connection,
    call,
    /** What arrived, oldest first. */
    seen,
    answers: (next: Answer) => {
      answer = next;
    },
  };
}

export function json(reply: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  reply.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
}

const definitionAt = (origin: string) => ({
  display_name: "Shop",
  base_url: `${origin}/v1`,
  auth: [{ type: "api_key", label: "Key", place: { header: "X-Api-Key" } }],
  check: { path: "/me", account: { id: "$.id" } },
  errors: [{ at: "$.ok", equals: false, means: "rejected" }],
  error_message: "$.message",
  actions: [
    {
      key: "list_orders",
      name: "Orders",
      method: "GET",
      path: "/shops/{shop}/orders",
      parameters: [
        { name: "shop", in: "path" },
        { name: "since", in: "query" },
      ],
      input: {
        type: "object",
        properties: { shop: { type: "string" }, since: { type: "string" } },
        required: ["shop"],
        additionalProperties: false,
      },
      output: { ids: "$.items[*].id" },
      cache_ttl_s: 60,
    },
    {
      key: "add_order",
      name: "New order",
      method: "POST",
      path: "/orders",
      headers: { "X-Shop": "shop {{ workspace.shop }}" },
      query: { sig: "{{ workspace.shop }}" },
      body: { kind: "json", fixed: { secret: "{{ workspace.shop }}" } },
      input: { type: "object", properties: { title: { type: "string" } }, additionalProperties: false },
    },
    {
      key: "leak",
      name: "A secret for somebody else",
      method: "POST",
      path: "/orders",
      headers: { "X-Shop": "{{ workspace.elsewhere }}" },
      input: { type: "object", properties: {}, additionalProperties: false },
    },
  ],
});
