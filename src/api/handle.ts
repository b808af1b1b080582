import type { z } from "zod";
import type { UserId, WorkspaceId } from "#core/ids.ts";
import type { Actor } from "#domain/audit/actor.ts";
import type { SignedIn } from "#domain/identity/session.ts";
import type { Complete } from "#domain/workspaces/idempotency.ts";
import type { Access, Role, Route } from "./contract/route.ts";

type Shape = z.ZodType | undefined;
type Parsed<S extends Shape> = S extends z.ZodType ? z.output<S> : undefined;
// biome-ignore lint/suspicious/noConfusingVoidType: what a function gives that gives nothing
type Replied<S extends Shape> = S extends z.ZodType ? z.input<S> : void;

/** Where a request came from. */
export interface Client {
  address: string;
  userAgent?: string;
}

/** A member, or an API key, that has at least the role the route asks for. */
export interface WorkspaceCaller {
  workspace: WorkspaceId;
  role: Role;
  actor: Actor;
  /** The person; nobody when an API key calls. */
  user?: UserId;
  /** Names the person's browser session. */
  session?: string;
}

/** A signed-in person. */
export interface UserCaller {
  user: SignedIn;
  actor: Actor;
}

type Caller<A extends Access> = A extends { who: "workspace" }
  ? WorkspaceCaller
  : A extends { who: "user" | "instance-admin" }
    ? UserCaller
    : unknown;

/** What a handler is given: everything in it has been checked against the contract. */
export type Context<
  P extends Shape = Shape,
  Q extends Shape = Shape,
  B extends Shape = Shape,
  R extends Shape = Shape,
  A extends Access = Access,
> = Caller<A> & {
  params: Parsed<P>;
  /** `cursor`, where there is one, is what the handler once returned as `next`: it was signed on its way out. */
  query: Parsed<Q>;
  body: Parsed<B>;
  client: Client;
  requestId: string;
  /** Aborted when the client goes away or the server stops. */
  signal: AbortSignal;
  /**
   * For routes with `idempotent`: to be called with the reply in the transaction that makes the effect (SR-79). It
   * throws, and so takes the effect back, when another request with the same key was first. Without a key it does
   * nothing.
   */
  complete: Complete<Replied<R>>;
  /** Sets a response header, such as the session cookie. */
  header(name: string, value: string): void;
};

/** A route with what answers it. */
export interface Handler {
  route: Route;
  answer(context: Context): Promise<unknown>;
}

/**
 * Says what answers a route. The reply is checked against the contract before it is sent: fields that are not in the
 * contract stay here. `next` of a page is signed and bound to workspace, route and query (SR-56).
 */
export function handle<P extends Shape, Q extends Shape, B extends Shape, R extends Shape, A extends Access>(
  route: Route<P, Q, B, R, A>,
  answer: (context: Context<P, Q, B, R, A>) => Promise<Replied<R>>,
): Handler {
  return { route, answer: answer as Handler["answer"] };
}

/**
 * Says what answers a route with `stream`: the iterable's items become server-sent events. It ends when `signal` is
 * aborted; the server does that when the client leaves, when the membership ends (SR-51) and when it stops.
 */
export function handleStream<P extends Shape, Q extends Shape, B extends Shape, R extends Shape, A extends Access>(
  route: Route<P, Q, B, R, A>,
  events: (context: Context<P, Q, B, R, A>) => AsyncIterable<Replied<R>>,
): Handler {
  return { route, answer: async (context) => events(context as Context<P, Q, B, R, A>) };
}
