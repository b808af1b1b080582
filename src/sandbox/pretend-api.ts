import {
  type ApiCall,
  type SimulatedService,
  type SimulatorOptions,
  simulatedService,
} from "#provider-kit/sim/service.ts";

export const apiClient = { id: "sandbox-api", secret: "sandbox-api-secret" };

/** What else the API takes than tokens of its authorization server. */
export const apiKey = "sandbox-api-key";
const password = Buffer.from("ada:sandbox-password").toString("base64");

/**
 * A small API that is nobody's in particular, for custom providers: an authorization server, an API key, basic sign-in,
 * a list in pages, an echo, and its own OpenAPI document.
 */
export const pretendApi = (options: SimulatorOptions): SimulatedService =>
  Object.assign(
    simulatedService(
      {
        key: "api",
        rules: {
          name: "Pretend API",
          clients: [{ ...apiClient, redirectUris: ["http*"] }],
          accounts: [
            { id: "ada", label: "ada@example.test" },
            { id: "ben", label: "ben@example.test" },
          ],
          pkce: "optional",
          codeLifeS: 60,
          accessLifeS: 3600,
          rotation: "strict",
          otherGrant: (type, { params }) =>
            type === "client_credentials"
              ? { account: "app", scopes: (params.get("scope") ?? "read").split(" ") }
              : undefined,
          answer: ({ pair, scopes }) =>
            Response.json({
              access_token: pair.access,
              token_type: "Bearer",
              expires_in: 3600,
              scope: scopes.join(" "),
              ...(pair.refresh && { refresh_token: pair.refresh }),
            }),
          refuse: (refusal) =>
            refusal.startsWith("client")
              ? Response.json({ error: "invalid_client" }, { status: 401 })
              : Response.json({ error: "invalid_grant" }, { status: 400 }),
        },
        api: answer,
      },
      options,
    ),
    {
      notes: [
        `API key for the header X-Api-Key: ${apiKey}. Basic: ada with sandbox-password.`,
        `OAuth client: ${apiClient.id} with ${apiClient.secret}.`,
        `Base address: ${options.origin}/api. OpenAPI document: ${options.origin}/api/openapi.json`,
      ],
    },
  );

const ITEMS = 57;
const PAGE = 20;

async function answer({ request, path, url, access }: ApiCall): Promise<Response> {
  if (path === "/openapi.json") return Response.json(documentFor(url.href.replace(/\/openapi\.json.*$/, "")));
  const known =
    access !== undefined ||
    request.headers.get("x-api-key") === apiKey ||
    request.headers.get("authorization") === `Basic ${password}`;
  if (!known) return Response.json({ message: "Who is it?" }, { status: 401 });
  if (path === "/me") return Response.json({ id: access?.account ?? "ada", name: "Ada Example" });
  if (path === "/items" && request.method === "GET") return itemsFrom(url);
  if (path === "/items" && request.method === "POST") {
    return Response.json({ id: ITEMS + 1, ...(await readObject(request)) }, { status: 201 });
  }
  const id = Number(/^\/items\/(\d+)$/.exec(path)?.[1]);
  if (id >= 1 && id <= ITEMS) return Response.json(item(id));
  return Response.json({ message: "There is nothing here." }, { status: 404 });
}

async function readObject(request: Request): Promise<object> {
  try {
    const value: unknown = await request.json();
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return {};
  }
}

const item = (id: number) => ({ id, title: `Item ${id}`, done: id % 3 === 0, tags: [`t${id % 5}`] });

function itemsFrom(url: URL): Response {
  const from = Number(url.searchParams.get("cursor") ?? 0);
  const items = Array.from({ length: Math.max(0, Math.min(PAGE, ITEMS - from)) }, (_, at) => item(from + at + 1));
  const next = from + PAGE < ITEMS ? String(from + PAGE) : null;
  return Response.json({ items, next_cursor: next });
}

const itemSchema = {
  type: "object",
  properties: { id: { type: "integer" }, title: { type: "string" }, done: { type: "boolean" } },
};

const documentFor = (server: string) => ({
  openapi: "3.1.0",
  info: { title: "Pretend items", version: "1.0.0" },
  servers: [{ url: server }],
  components: { securitySchemes: { key: { type: "apiKey", in: "header", name: "X-Api-Key" } } },
  security: [{ key: [] }],
  paths: {
    "/me": { get: { operationId: "whoAmI", summary: "Who am I", responses: { 200: { description: "A person" } } } },
    "/items": {
      get: {
        operationId: "listItems",
        summary: "List items",
        parameters: [{ name: "cursor", in: "query", schema: { type: "string" } }],
        responses: { 200: { description: "A page of items" } },
      },
      post: {
        operationId: "createItem",
        summary: "Create an item",
        requestBody: {
          required: true,
          content: {
            "application/json": {
              schema: { type: "object", properties: { title: { type: "string" } }, required: ["title"] },
            },
          },
        },
        responses: { 201: { description: "The item" } },
      },
    },
    "/items/{id}": {
      get: {
        operationId: "getItem",
        summary: "Get an item",
        parameters: [{ name: "id", in: "path", required: true, schema: { type: "integer" } }],
        responses: { 200: { description: "An item", content: { "application/json": { schema: itemSchema } } } },
      },
    },
  },
});
