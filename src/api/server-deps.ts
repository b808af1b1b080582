import type { z } from "zod";
import type { Visitor } from "#domain/connections/connect/flow.ts";
import type { Callback } from "#domain/connections/connect/read-callback.ts";
import type { Identity } from "#domain/identity/identity.ts";
import type { TakeResult } from "#domain/syncs/handoffs/take-result.ts";
import type { TakeNotice } from "#domain/syncs/push/take-notice.ts";
import type { WorkspacesDeps } from "#domain/workspaces/workspace.ts";
import type { instanceStatus } from "./contract/instance.ts";
import type { Handler } from "./handle.ts";

/** Where the server writes its log; pino's loggers fit. */
export interface Log {
  info(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export type InstanceStatus = z.output<NonNullable<(typeof instanceStatus)["reply"]>>;

/** What the HTTP server is made of. */
export interface ServerDeps extends WorkspacesDeps {
  identity: Identity;
  /** One for each route of the contract, no more and no fewer. */
  handlers: readonly Handler[];
  /** Signs the cursors of lists, bound to where they belong (SR-56). */
  cursors: {
    sign(text: string, boundTo: readonly string[]): string;
    /** Nothing when it was not signed by us, or for another place. */
    verify(signed: string, boundTo: readonly string[]): string | undefined;
  };
  /** Stands for a whole request, whose body may hold a secret (SR-1). */
  hashRequest(text: string): Uint8Array;
  log: Log;
  /** Ends a sign-in at a provider; gives the local page that tells how. */
  finishConnect(visitor: Visitor | undefined, callback: Callback): Promise<string>;
  /** Takes what a provider sends to the place of a push channel. */
  takeNotice: TakeNotice;
  /** Takes what a receiver of documents reports. */
  takeResult: TakeResult;
  /** What `/status` and the instance admin's page tell. */
  readStatus(): Promise<InstanceStatus>;
  version: string;
  /** The built portal; without it there are only the API and its documentation. */
  portalFolder?: string | undefined;
  /** Other sites whose pages may call the API with a key (SR-46). */
  corsOrigins?: readonly string[];
  /** Addresses of proxies in front of us, whose `x-forwarded-for` is believed. */
  trustedProxies?: readonly string[];
}
