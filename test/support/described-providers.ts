import { longName } from "./a-shipyard.ts";
import type { HttpPerson } from "./http-person.ts";

/** Ids of custom providers: one out of a large OpenAPI document, one that people sign in to. */
export interface DescribedProviders {
  large: string;
  signedIn: string;
}

/** Describes custom providers with names as long as they may be, and the workspace secrets that one refers to. */
export async function describeProviders(ana: HttpPerson): Promise<DescribedProviders> {
  for (const [name, description, hosts] of [
    ["yard_pass", "Pass of the gate", ["https://gate.yard.example"]],
    [
      `${"a_name_as_long_as_it_may_be_".repeat(2)}of_it`,
      longName,
      ["a", "b", "c"].map((host) => `https://${host}.yard.example`),
    ],
  ] as const) {
    await ana.ask("POST", "/secrets", { name, description, value: "pass-4711", origins: hosts });
  }
  const read = await ana.ask("POST", "/providers/import-openapi", { text: JSON.stringify(largeDocument()) });
  const large = await ana.ask("POST", "/providers", {
    name: "enterprise-resources",
    definition: { ...read.definition, display_name: longName.slice(0, 100) },
  });
  const signedIn = await ana.ask("POST", "/providers", {
    name: "yard-accounts",
    definition: {
      display_name: "Yard accounts",
      base_url: "https://{yard}.yard.example/v1",
      variables: [{ name: "yard", label: "Yard" }],
      headers: { "X-Yard-Pass": "{{workspace.yard_pass}}" },
      check: { path: "/me", account: { id: "$.id", label: "$.name" } },
      auth: [
        {
          type: "oauth2_authorization_code",
          authorize_url: "https://id.yard.example/authorize",
          token_url: "https://id.yard.example/token",
          scopes: ["read", "write"],
          refresh: "rotating",
        },
      ],
      actions: [
        { key: "who_am_i", name: "Who am I", method: "GET", path: "/me", output: { id: "$.id", name: "$.name" } },
      ],
    },
  });
  return { large: large.id, signedIn: signedIn.id };
}

const SECTIONS = 300;

/** 900 operations, of which some cannot be taken over. */
function largeDocument(): object {
  const inPath = (name: string, type: string) => ({ name, in: "path", required: true, schema: { type } });
  const bodyOf = (mediaType: string, schema: object) => ({ required: true, content: { [mediaType]: { schema } } });
  const unit = {
    type: "object",
    required: ["name"],
    properties: { name: { type: "string" }, amount: { type: "number" } },
  };
  const paths = Array.from({ length: SECTIONS }, (_, n) => [
    `/companies/{company}/warehouses/{warehouse}/stock-keeping-units-${n}`,
    {
      parameters: [inPath("company", "string"), inPath("warehouse", "integer")],
      get: { operationId: `listUnits${n}`, summary: `List the units of section ${n} with batches and expiry dates` },
      post: {
        operationId: `addUnit${n}`,
        summary: `Add a unit to ${n}`,
        requestBody: bodyOf("application/json", unit),
      },
      put: {
        operationId: `scan${n}`,
        summary: `Scan ${n}`,
        requestBody: bodyOf(n % 20 === 0 ? "image/png" : "application/json", unit),
      },
    },
  ]);
  return {
    openapi: "3.1.0",
    info: { title: longName, version: "1" },
    servers: [{ url: "https://erp.yard.example/v2" }],
    paths: Object.fromEntries(paths),
  };
}
