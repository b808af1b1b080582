import { z } from "zod";
import { problem, type Route } from "./contract/route.ts";

type Json = Record<string, unknown>;

/** The OpenAPI 3.1 document, made from the contract. It tells nothing about the installation but its address (SR-52). */
export function openApiDocument(
  routes: readonly Route[],
  { publicUrl, version }: { publicUrl: string; version: string },
): Json {
  const paths: Record<string, Json> = {};
  for (const route of routes) {
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operationOf(route) };
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Hawser",
      version,
      description:
        "Connections, syncs and their files. Errors are `application/problem+json` with a stable `code`. " +
        "Lists are read page by page: send `next` of one page as `cursor` of the next.",
    },
    servers: [{ url: new URL("/api/v1", publicUrl).href }],
    paths,
    components: {
      schemas: { Problem: schemaOf(problem, "output") },
      responses: {
        Problem: {
          description: "What went wrong",
          content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
        },
      },
      securitySchemes: {
        apiKey: { type: "http", scheme: "bearer", description: "An API key of the workspace: `hwsr_…`" },
        session: { type: "apiKey", in: "cookie", name: "__Host-hawser", description: "The portal's session" },
      },
    },
  };
}

function operationOf(route: Route): Json {
  const status = String(route.status ?? 200);
  return {
    operationId: route.name,
    tags: [route.name.split(".")[0]],
    summary: route.summary,
    description: describeAccess(route),
    ...(route.access.who === "anyone" ? { security: [] } : { security: securityOf(route) }),
    parameters: [
      ...parametersOf(route.params, "path"),
      ...parametersOf(route.query, "query"),
      ...(route.idempotent ? [idempotencyKey] : []),
    ],
    ...(route.body && {
      requestBody: { required: true, content: { "application/json": { schema: schemaOf(route.body, "input") } } },
    }),
    responses: {
      [status]: route.reply
        ? {
            description: "Done",
            content: {
              [route.stream ? "text/event-stream" : "application/json"]: { schema: schemaOf(route.reply, "output") },
            },
          }
        : { description: "Done" },
      default: { $ref: "#/components/responses/Problem" },
    },
  };
}

const securityOf = (route: Route) =>
  route.access.who === "workspace" ? [{ apiKey: [] }, { session: [] }] : [{ session: [] }];

function describeAccess({ access, audit, perMinute }: Route): string {
  const who = {
    anyone: "Needs no sign-in.",
    user: "Needs a signed-in person.",
    workspace: access.who === "workspace" ? `Needs the role ${access.role} or above.` : "",
    "instance-admin": "Needs whoever runs the installation.",
  }[access.who];
  const parts = [who, audit && `Audited as \`${audit}\`.`, perMinute && `At most ${perMinute} a minute.`];
  return parts.filter(Boolean).join(" ");
}

const idempotencyKey = {
  name: "Idempotency-Key",
  in: "header",
  required: false,
  description: "The same key and request again get the stored answer",
  schema: { type: "string", minLength: 1, maxLength: 255 },
};

function parametersOf(shape: z.ZodType | undefined, where: "path" | "query"): Json[] {
  if (!(shape instanceof z.ZodObject)) return [];
  return Object.entries(shape.shape).map(([name, field]) => {
    const type = field as z.ZodType;
    const { description, ...schema } = schemaOf(type, "output");
    const required = where === "path" || !type.safeParse(undefined).success;
    return { name, in: where, required, ...(description ? { description } : {}), schema };
  });
}

function schemaOf(type: z.ZodType, io: "input" | "output"): Json {
  const { $schema: _, ...schema } = z.toJSONSchema(type, { io, unrepresentable: "any" });
  return schema;
}
