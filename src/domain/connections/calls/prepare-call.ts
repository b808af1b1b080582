import { AppError, invalidField } from "#core/errors.ts";
import type { JsonObject } from "#expressions/json.ts";
import { type ResolvedJson, ResolvedText } from "#expressions/secret-handle.ts";
import type { ActionDefinition } from "#provider-kit/definition/action-shape.ts";
import { readsBy } from "#provider-kit/definition/action-shape.ts";
import { buildRequest } from "#provider-kit/definition/build-request.ts";
import type { Definition } from "#provider-kit/definition/definition.ts";
import { asJson } from "#provider-kit/definition/read-reply.ts";
import { readActionOutput } from "#provider-kit/definition/run-action.ts";
import { inputOf } from "#provider-kit/from-definition.ts";
import type { HttpFailure, HttpRequest } from "#provider-kit/http.ts";
import { type AdHocRequest, prepareAdHoc } from "./ad-hoc-request.ts";
import type { CallTarget } from "./open-target.ts";
import { isRepeatable, type PreparedBody, type PreparedRequest } from "./prepared-request.ts";

/** Either an action with its input, or a request that was written by hand. */
export interface WantedCall {
  action?: string | undefined;
  input?: Readonly<Record<string, unknown>> | undefined;
  request?: AdHocRequest | undefined;
  /** Ask, even where an earlier answer is kept. */
  fresh: boolean;
}

export interface PreparedCall {
  request: PreparedRequest;
  /** Names of the workspace secrets in it. */
  secrets: readonly string[];
  /** An answer that may be kept, for how long, and what it then belongs to. */
  cache?: { action: string; seconds: number; definition: string };
  /** What the action makes of an answer with a status of success. Throws ProviderError where it says that it failed. */
  readOutput?: (answer: HttpFailure) => unknown;
}

/**
 * The request of a call.
 * @param key by which the other side may know a repeat
 * @throws AppError invalid_request with pointers to the fields
 */
export function prepareCall(target: CallTarget, wanted: WantedCall, key: string): PreparedCall {
  const { action, input, request } = wanted;
  if ((action === undefined) === (request === undefined)) {
    throw invalidField("/action", "Name an action, or write a request.", "one_of");
  }
  if (request) {
    if (input) throw invalidField("/input", "Only an action has an input.");
    return { request: prepareAdHoc(target.base, request, credentialHeader(target)), secrets: [] };
  }
  const { definition } = target.found;
  const found = definition?.actions.find((one) => one.key === action);
  if (!definition || !found) throw invalidField("/action", `${target.provider.name} has no action "${action}".`);
  return prepareAction(target, definition, found, input ?? {}, key);
}

function prepareAction(
  { config, connection, base }: CallTarget,
  definition: Definition,
  action: ActionDefinition,
  input: Readonly<Record<string, unknown>>,
  key: string,
): PreparedCall {
  const built = pointingInto("/input", () => {
    const read: JsonObject = inputOf(action).parse(input);
    return buildRequest(definition, action, read, { config, kept: connection.kept, key });
  });
  const request = toPrepared(built, base);
  const reads = (action.effect ?? readsBy(action.method)) === "reads";
  return {
    request,
    secrets: secretsIn(request),
    ...(reads &&
      action.cacheTtlS !== undefined && {
        cache: { action: action.key, seconds: action.cacheTtlS, definition: JSON.stringify(action) },
      }),
    readOutput: (answer) => readActionOutput(definition, action, { ...answer, body: asJson(answer.body) }),
  };
}

function toPrepared(
  { method = "GET", url, query, headers, body, repeatable }: HttpRequest,
  base: string,
): PreparedRequest {
  return {
    method,
    url: new URL(url, base),
    query: textsOf(query ?? {}),
    headers: headers ?? {},
    body: toBody(body),
    repeatable: repeatable ?? isRepeatable(method),
  };
}

function toBody(body: HttpRequest["body"]): PreparedBody | undefined {
  if (!body) return undefined;
  if ("bytes" in body) throw new Error("an action that is described as data has sent a stream");
  if ("form" in body || "text" in body) return body;
  if (!isResolvedJson(body.json)) throw new Error("an action that is described as data has sent what is no JSON");
  return { json: body.json };
}

const isResolvedJson = (value: unknown): value is ResolvedJson =>
  value === null ||
  ["string", "number", "boolean"].includes(typeof value) ||
  value instanceof ResolvedText ||
  (typeof value === "object" && Object.values(value).every(isResolvedJson));

const textsOf = (values: NonNullable<HttpRequest["query"]>): Record<string, string | ResolvedText> =>
  Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value instanceof ResolvedText ? value : String(value)]],
    ),
  );

function secretsIn({ headers, query, body }: PreparedRequest): string[] {
  const names = new Set<string>();
  const look = (value: unknown): void => {
    if (value instanceof ResolvedText) for (const { name } of value.secrets) names.add(name);
    else if (typeof value === "object" && value !== null) for (const entry of Object.values(value)) look(entry);
  };
  look([headers, query, body]);
  return [...names];
}

function pointingInto<T>(place: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "invalid_request") throw error;
    const errors = error.errors.map(({ pointer, ...rest }) => ({ ...rest, pointer: `${place}${pointer}` }));
    throw new AppError("invalid_request", error.message, { errors });
  }
}

/** Where the connection's credential will stand, so that nobody writes another one there. */
function credentialHeader({ auth }: CallTarget): string | undefined {
  const place = auth.type === "api_key" ? auth.place : "tokenPlace" in auth ? auth.tokenPlace : undefined;
  return place && "header" in place ? place.header : undefined;
}
