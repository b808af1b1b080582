import * as calls from "./calls.ts";
import * as catalog from "./catalog.ts";
import * as connections from "./connections.ts";
import * as handoffs from "./handoffs.ts";
import * as identity from "./identity.ts";
import * as instance from "./instance.ts";
import * as oauthClients from "./oauth-clients.ts";
import * as providers from "./providers.ts";
import type { Route } from "./route.ts";
import * as secrets from "./secrets.ts";
import * as syncs from "./syncs.ts";
import * as transfer from "./transfer.ts";
import * as workspaces from "./workspaces.ts";

const isRoute = (value: unknown): value is Route =>
  typeof value === "object" && value !== null && "method" in value && "access" in value;

/** Every route there is. The server refuses to start when one has no handler, and serves no other (SR-54). */
export const routes: readonly Route[] = [
  identity,
  workspaces,
  catalog,
  connections,
  oauthClients,
  calls,
  providers,
  secrets,
  transfer,
  syncs,
  handoffs,
  instance,
].flatMap((module) => Object.values(module).filter(isRoute));
