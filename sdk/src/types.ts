import type { z } from "zod";
import type { Contract } from "./routes.ts";

type Part<R, Name extends string> = R extends { readonly [K in Name]?: infer Shape } ? NonNullable<Shape> : never;

/** The keys a caller may leave out are those of the input; the types are those after reading ("50" and 50 are a 50). */
type Asked<Shape> = Shape extends z.ZodType
  ? { [K in keyof z.input<Shape>]: K extends keyof z.output<Shape> ? z.output<Shape>[K] : never }
  : never;
type Sent<Shape> = Shape extends z.ZodType ? z.input<Shape> : never;
type Answered<Shape> = [Shape] extends [never] ? undefined : Shape extends z.ZodType ? z.output<Shape> : undefined;

export type RouteName = keyof Contract;
export type Params<Name extends RouteName> = Sent<Part<Contract[Name], "params">>;
export type Query<Name extends RouteName> = Asked<Part<Contract[Name], "query">>;
export type Body<Name extends RouteName> = Sent<Part<Contract[Name], "body">>;
/** What a route answers: `Reply<"syncs.get">`. Nothing for an empty answer. */
export type Reply<Name extends RouteName> = Answered<Part<Contract[Name], "reply">>;

export interface CallOptions {
  signal?: AbortSignal | undefined;
  /** Made by itself for routes that take one; give your own to repeat a call after a crash without doing it twice. */
  idempotencyKey?: string | undefined;
}

// biome-ignore lint/complexity/noBannedTypes: `{}` is what every object fits into when all its keys are optional
type MayBeLeftOut<T> = {} extends T ? true : false;
type Argument<T> = [T] extends [never] ? [] : MayBeLeftOut<T> extends true ? [value?: T] : [value: T];
type ParamsArgument<T> = [T] extends [never] ? [] : [params: T];
/** A route with a body and a query takes its query with the options. */
type LastArgument<B, Q> = [B] extends [never]
  ? [options?: CallOptions]
  : [Q] extends [never]
    ? [options?: CallOptions]
    : [options?: CallOptions & { query?: Q }];

/** `(params, query or body, options)`, each only where the route has it. */
export type Method<Name extends RouteName> = (
  ...args: [
    ...ParamsArgument<Params<Name>>,
    ...([Body<Name>] extends [never] ? Argument<Query<Name>> : Argument<Body<Name>>),
    ...LastArgument<Body<Name>, Query<Name>>,
  ]
) => Promise<Reply<Name>>;

type CallName = Exclude<RouteName, "workspaces.live">;
type Group<Name extends string> = Name extends `${infer First}.${string}` ? First : never;
type Verb<G extends string, Name extends string> = Name extends `${G}.${infer Rest}` ? Rest : never;

/** `syncs.list`, `connections.create` …: one function for each route of the API. */
export type Calls = {
  readonly [G in Group<CallName>]: {
    readonly [V in Verb<G, CallName>]: `${G}.${V}` extends CallName ? Method<`${G}.${V}`> : never;
  };
};
