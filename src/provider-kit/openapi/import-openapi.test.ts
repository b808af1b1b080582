import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AppError } from "#core/errors.ts";
import { compileSchema } from "#expressions/json-schema.ts";
import { definitionShape } from "../definition/definition.ts";
import { importOpenapi } from "./import-openapi.ts";

const packaged = (url: string) => readFileSync(fileURLToPath(url), "utf8");
const example = (path: string) => packaged(import.meta.resolve(`@readme/oas-examples/${path}`));

/** With an address where the document has none, as a person would enter it. */
function savable(text: string) {
  const { definition, report } = importOpenapi(text);
  const whole = { ...definition, base_url: definition.base_url || "https://api.example.com" };
  const read = definitionShape.safeParse(whole);
  expect(read.error?.issues ?? []).toEqual([]);
  for (const { input } of read.data?.actions ?? []) compileSchema(input);
  return { definition, report, actions: read.data?.actions ?? [] };
}

const minimal = (more: object) =>
  JSON.stringify({
    openapi: "3.1.0",
    info: { title: "T", version: "1" },
    servers: [{ url: "https://api.example.com" }],
    ...more,
  });

describe("public documents", () => {
  it("the API of ReadMe (3.1, JSON and YAML) gives the same 54 actions", () => {
    const json = savable(example("3.1/json/readme.json"));
    expect(json.definition).toMatchObject({ base_url: "https://api.readme.com/v2", auth: [{ type: "bearer" }] });
    expect(json.report).toMatchObject({ title: "ReadMe API", actions: 54, leftOut: { count: 0 } });
    expect(importOpenapi(example("3.1/yaml/readme.yaml")).definition).toEqual(json.definition);
  });

  it("STAPI (3.0) gives its 120 actions, with forms where it has forms", () => {
    const { report, actions, definition } = savable(example("3.0/json/star-trek.json"));
    expect(report.actions).toBe(120);
    expect(definition.base_url).toBe("https://stapi.co/api/v1/rest");
    expect(actions.filter(({ body }) => body?.kind === "form").length).toBeGreaterThan(30);
  });

  it("Dialogporten (3.0, written by .NET) gives its 44 actions and waits for an address", () => {
    const { definition, report } = savable(
      packaged(import.meta.resolve("@digdir/dialogporten-schema/swagger.verified.json")),
    );
    expect(definition.base_url).toBe("");
    expect(report.actions).toBe(44);
    expect(report.notes.entries).toContainEqual(expect.objectContaining({ where: "servers" }));
  });

  it("Scalar Galaxy (3.1, YAML) gives its actions and each way to sign in once", () => {
    const { definition } = savable(packaged(import.meta.resolve("@scalar/galaxy/latest.yaml")));
    expect(definition.auth).toMatchObject([
      { type: "bearer" },
      { type: "basic" },
      { type: "api_key" },
      { type: "oauth2_authorization_code" },
      { type: "oauth2_client_credentials" },
    ]);
  });

  it.each([
    "circular-paths",
    "circular-request-bodies",
    "circular",
    "complex-nesting",
    "discriminators",
    "parameters-common",
    "polymorphism",
    "schema-circular",
    "schema-types",
    "security",
    "server-variables",
    "uspto",
  ])("%s can be saved as it is", (name) => {
    expect(savable(example(`3.0/json/${name}.json`)).report.actions).toBeGreaterThan(0);
  });

  it("tells what it leaves out, and why", () => {
    const { report } = importOpenapi(example("3.0/json/readme-legacy.json"));
    expect(report.leftOut.entries).toContainEqual({
      where: "POST /api-specification",
      why: "Its body is multipart/form-data; JSON and forms can be sent.",
    });
  });
});

it("puts each parameter in its place, and a body's properties beside them", () => {
  const { actions } = savable(
    minimal({
      paths: {
        "/users/{user-id}/files": {
          parameters: [{ $ref: "#/components/parameters/user" }],
          post: {
            operationId: "Files.addToUser",
            summary: "Add a file",
            parameters: [
              { name: "tags", in: "query", explode: false, schema: { type: "array", items: { type: "string" } } },
              { name: "filter", in: "query", style: "deepObject", schema: { type: "object" } },
              { name: "X-Trace", in: "header", schema: { type: "string" } },
              { name: "Accept", in: "header", schema: { type: "string" } },
            ],
            requestBody: {
              required: true,
              content: {
                "application/json": {
                  schema: {
                    type: "object",
                    required: ["name", "id"],
                    properties: {
                      id: { type: "integer", readOnly: true },
                      name: { type: "string", nullable: true, minLength: 1 },
                    },
                  },
                },
              },
            },
          },
        },
      },
      components: { parameters: { user: { name: "user-id", in: "path", required: true, schema: { type: "string" } } } },
    }),
  );
  expect(actions).toMatchObject([
    {
      key: "files_add_to_user",
      name: "Add a file",
      method: "POST",
      path: "/users/{user_id}/files",
      parameters: [
        { name: "user_id", in: "path", input: "user-id", required: true },
        { name: "tags", in: "query", style: "comma" },
        { name: "filter", in: "query", style: "deep_object" },
        { name: "X-Trace", in: "header" },
      ],
      body: { kind: "json" },
      input: {
        required: ["user-id", "name"],
        properties: { name: { type: ["string", "null"], minLength: 1 } },
        additionalProperties: false,
      },
    },
  ]);
  expect(Object.keys(actions[0]?.input.properties ?? {})).not.toContain("id");
});

it("a body that is no plain object, or whose names are taken, is one input", () => {
  const body = (schema: object) => ({ requestBody: { required: true, content: { "application/json": { schema } } } });
  const { actions } = savable(
    minimal({
      paths: {
        "/a": { post: body({ type: "array", items: { type: "string" } }) },
        "/b/{name}": { put: body({ type: "object", properties: { name: { type: "string" } } }) },
      },
    }),
  );
  expect(actions.map(({ body: sent, input }) => [sent, input.required])).toEqual([
    [{ kind: "json", input: "body" }, ["body"]],
    [{ kind: "json", input: "body" }, ["name", "body"]],
  ]);
});

it("tells what the first answer of success holds, without what is only written", () => {
  const content = {
    "application/json": {
      schema: {
        type: "array",
        items: {
          type: "object",
          properties: { id: { type: "integer", readOnly: true }, password: { type: "string", writeOnly: true } },
        },
      },
    },
  };
  const { actions } = savable(
    minimal({
      paths: { "/a": { get: { responses: { 404: {}, 200: { description: "", content } } } }, "/b": { get: {} } },
    }),
  );
  expect(actions.map(({ answer }) => answer)).toEqual([
    { type: "array", items: { type: "object", properties: { id: { type: "integer" } } } },
    undefined,
  ]);
});

it("gives every action a key of its own", () => {
  const { actions } = savable(
    minimal({
      paths: { "/a": { get: { operationId: "x" } }, "/b": { get: { operationId: "X" } }, "/c/{id}": { get: {} } },
    }),
  );
  expect(actions.map(({ key }) => key)).toEqual(["x", "x_2", "get_c_id"]);
});

it("takes a server's variables as those of a connection, and http as https", () => {
  const server = {
    url: "http://{region}.api.example.com/{version}",
    variables: { region: { enum: ["eu", "us"], default: "eu" }, version: { default: "v1" } },
  };
  expect(savable(minimal({ servers: [server], paths: {} })).definition).toMatchObject({
    base_url: "https://{region}.api.example.com/{version}",
    variables: [
      { name: "region", enum: ["eu", "us"], default: "eu" },
      { name: "version", default: "v1" },
    ],
  });
});

describe("SR-30 what a document cannot do", () => {
  it("have anything fetched: references that lead out of it are anything", () => {
    const schema = { $ref: "https://evil.example/schema.json" };
    const { actions, report } = savable(
      minimal({ paths: { "/a": { get: { parameters: [{ name: "q", in: "query", schema }] } } } }),
    );
    expect(actions[0]?.input).toMatchObject({ properties: { q: {} } });
    expect(report.notes.entries[0]?.why).toContain("leads nowhere or out");
  });

  it("be larger than 5 MiB", () => {
    expect(() => importOpenapi(" ".repeat(5_242_881))).toThrow("at most 5 MiB");
  });

  it.each([
    ["aliases that double and double", `openapi: 3.1.0\na: &a [x,x,x,x,x,x,x,x]\n${doubling()}`],
    ["fifty thousand brackets", "[".repeat(50_000)],
    ["fifty thousand nested objects", `{"a":`.repeat(50_000)],
    ["nested deeper than 200 levels", `{"openapi":"3.1.0","x":${"[".repeat(300)}${"]".repeat(300)}}`],
    ["an alias of itself", "openapi: 3.1.0\na: &a\n  b: *a\n"],
    ["Swagger 2", '{"swagger":"2.0"}'],
    ["OpenAPI 4", '{"openapi":"4.0.0"}'],
    ["no document", "just a text"],
    ["a list", "- a\n- b\n"],
    ["nothing", ""],
  ])("%s is refused in words", (_, text) => {
    const refusal = refusalOf(text);
    expect(refusal.code).toBe("invalid_request");
    expect(refusal.errors[0]?.pointer).toBe("/text");
  });

  it("reach a prototype: names such as __proto__ and constructor are names", () => {
    const text = `{"openapi":"3.1.0","info":{"title":"T"},"servers":[{"url":"https://api.example.com"}],"paths":{"/a":{"post":{
      "operationId":"__proto__","parameters":[{"name":"__proto__","in":"query","schema":{"type":"string"}},{"name":"constructor","in":"query","schema":{"$ref":"#/constructor"}}],
      "requestBody":{"content":{"application/json":{"schema":{"type":"object","properties":{"__proto__":{"type":"object","properties":{"polluted":{"type":"string"}}},"toString":{"type":"string"}}}}}}}},
      "__proto__":{"get":{}}},"components":{"securitySchemes":{"__proto__":{"type":"http","scheme":"bearer"}}},"security":[{"__proto__":[]},{"toString":[]}]}`;
    const { actions } = savable(text);
    expect(actions).toHaveLength(1);
    expect(Object.keys(Object.prototype)).toEqual([]);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it("more than 2,000 actions are told, not taken", () => {
    const paths = Object.fromEntries(Array.from({ length: 2100 }, (_, at) => [`/p${at}`, { get: {} }]));
    const { report } = importOpenapi(minimal({ paths }));
    expect(report).toMatchObject({ actions: 2000, leftOut: { count: 100 } });
  });

  it("schemas of many thousand parts are cut and told", () => {
    const wide = Object.fromEntries(Array.from({ length: 3000 }, (_, at) => [`p${at}`, { type: "string" }]));
    const { report } = savable(
      minimal({
        paths: {
          "/a": {
            post: {
              requestBody: { content: { "application/json": { schema: { type: "object", properties: wide } } } },
            },
          },
        },
      }),
    );
    expect(report.notes.count).toBeGreaterThan(0);
  });
});

it("SR-30 documents that were mangled at random are refused in words or can be saved", () => {
  const seeds = [
    example("3.0/json/security.json"),
    example("3.0/json/parameters-style.json"),
    example("3.0/json/schema-types.json"),
    packaged(import.meta.resolve("@scalar/galaxy/latest.json")),
  ].map((text): unknown => JSON.parse(text));
  const places = seeds.map((seed) => placesIn(seed));
  const anything = fc.oneof(
    fc.jsonValue(),
    fc.constantFrom<unknown>(
      "__proto__",
      "#/",
      "#/components",
      "{x}",
      "//evil",
      "\\",
      "\u0000",
      -1,
      1e308,
      [],
      {},
      null,
    ),
  );
  fc.assert(
    fc.property(
      fc.nat(seeds.length - 1),
      fc.array(fc.tuple(fc.nat(), anything), { minLength: 1, maxLength: 6 }),
      (which, changes) => {
        const document: unknown = structuredClone(seeds[which]);
        for (const [at, value] of changes) {
          const known = places[which] ?? [];
          replaceAt(document, known[at % known.length] ?? [], value);
        }
        let imported: ReturnType<typeof importOpenapi>;
        try {
          imported = importOpenapi(JSON.stringify(document));
        } catch (error) {
          if (error instanceof AppError) return;
          throw error;
        }
        const { definition } = imported;
        const read = definitionShape.safeParse({
          ...definition,
          base_url: definition.base_url || "https://api.example.com",
        });
        expect(read.error?.issues ?? []).toEqual([]);
      },
    ),
    { numRuns: 500 },
  );
});

function doubling(): string {
  const names = Array.from({ length: 20 }, (_, at) => String.fromCharCode(97 + at));
  return names
    .slice(1)
    .map((name, at) => `${name}: &${name} [${Array(8).fill(`*${names[at]}`).join(",")}]`)
    .join("\n");
}

function refusalOf(text: string): AppError {
  try {
    importOpenapi(text);
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error("this was let in");
}

function placesIn(value: unknown, path: string[] = []): string[][] {
  if (typeof value !== "object" || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, inner]) => placesIn(inner, [...path, key]))];
}

function replaceAt(document: unknown, path: string[], value: unknown): void {
  let holder: unknown = document;
  for (const key of path.slice(0, -1)) {
    if (typeof holder !== "object" || holder === null) return;
    holder = Reflect.get(holder, key);
  }
  const last = path.at(-1);
  if (last !== undefined && typeof holder === "object" && holder !== null) Reflect.set(holder, last, value);
}
