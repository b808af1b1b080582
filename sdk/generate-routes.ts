// Writes src/routes.ts from the API's contract, so that clients know methods and paths without carrying the contract's
// checks (zod) along. Run it after a change of the contract: node sdk/generate-routes.ts
import { writeFileSync } from "node:fs";
import * as calls from "../src/api/contract/calls.ts";
import * as catalog from "../src/api/contract/catalog.ts";
import * as connections from "../src/api/contract/connections.ts";
import * as handoffs from "../src/api/contract/handoffs.ts";
import * as identity from "../src/api/contract/identity.ts";
import * as instance from "../src/api/contract/instance.ts";
import * as oauthClients from "../src/api/contract/oauth-clients.ts";
import * as providers from "../src/api/contract/providers.ts";
import type { Route } from "../src/api/contract/route.ts";
import * as secrets from "../src/api/contract/secrets.ts";
import * as syncs from "../src/api/contract/syncs.ts";
import * as transfer from "../src/api/contract/transfer.ts";
import * as workspaces from "../src/api/contract/workspaces.ts";

const modules = {
  calls,
  catalog,
  connections,
  handoffs,
  identity,
  instance,
  oauthClients,
  providers,
  secrets,
  syncs,
  transfer,
  workspaces,
};

const isRoute = (value: unknown): value is Route =>
  typeof value === "object" && value !== null && "method" in value && "access" in value;

/** The text of src/routes.ts as it must be. */
export function routesSource(): string {
  const found = Object.entries(modules)
    .flatMap(([file, exports]) =>
      Object.entries(exports).flatMap(([exported, value]) =>
        isRoute(value) ? [{ file, exported, route: value }] : [],
      ),
    )
    .sort((one, other) => (one.route.name < other.route.name ? -1 : 1));

  const rows = found.map(({ route }) => {
    const facts = [`method: "${route.method}"`, `path: "${route.path}"`];
    if (route.query) facts.push("query: true");
    if (route.body) facts.push("body: true");
    if (route.idempotent) facts.push("idempotent: true");
    if (route.stream) facts.push("stream: true");
    const line = `  "${route.name}": { ${facts.join(", ")} },`;
    // As the formatter would have it, so that neither undoes the other.
    return line.length <= 120 ? line : `  "${route.name}": {\n${facts.map((fact) => `    ${fact},\n`).join("")}  },`;
  });
  const types = found.map(({ file, exported, route }) => `  "${route.name}": typeof ${file}.${exported};`);

  return [
    "// Made by generate-routes.ts from src/api/contract; a test compares the two.",
    ...Object.keys(modules).map((file) => {
      const path = `../../src/api/contract/${file.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}.ts`;
      return `import type * as ${file} from "${path}";`;
    }),
    "",
    "/** What a client must know to call a route. */",
    "export interface RouteFacts {",
    '  readonly method: "GET" | "POST" | "PATCH" | "DELETE";',
    "  /** Below /api/v1, with parameters as `{name}`. */",
    "  readonly path: string;",
    "  readonly query?: true;",
    "  readonly body?: true;",
    "  readonly idempotent?: true;",
    "  readonly stream?: true;",
    "}",
    "",
    "/** Each route's declaration, by its name. Types only: nothing of it is there when the program runs. */",
    "export interface Contract {",
    ...types,
    "}",
    "",
    "export const routes: Readonly<Record<keyof Contract, RouteFacts>> = {",
    ...rows,
    "};",
    "",
  ].join("\n");
}

export const routesFile = new URL("./src/routes.ts", import.meta.url);

if (import.meta.main) writeFileSync(routesFile, routesSource());
