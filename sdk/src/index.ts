export { createHawser, type Hawser, type HawserOptions } from "./client.ts";
export { type FieldError, HawserError } from "./error.ts";
export type { LiveEvent, LiveOptions } from "./live.ts";
export type { Body, CallOptions, Params, Query, Reply, RouteName } from "./types.ts";
