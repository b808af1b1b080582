import type { Database } from "#db/database.ts";
import type { CatalogDeps, OperatorClient } from "#domain/catalog/find-provider.ts";
import type { Queue } from "#jobs/queue.ts";
import type { Outbound } from "#outbound/client.ts";
import type { Vault } from "#vault/seal.ts";
import type { Uses } from "../health/uses.ts";
import type { Flights } from "./flights.ts";

/** What it takes to have a connection's token at hand. */
export interface TokenDeps extends Pick<CatalogDeps, "providers" | "sandbox"> {
  database: Database;
  /** The installation's own OAuth clients, by the key of their provider. */
  operatorClients: ReadonlyMap<string, OperatorClient>;
  outbound: Outbound;
  vault: Vault;
  queue: Queue;
  /** Names this process in leases. */
  holder: string;
  leaseSeconds: number;
  uses: Uses;
  flights: Flights;
  /** How long a request for a token can be on its way at most; 35 s unless told. */
  longestTokenRequestMs?: number;
}
