import { ProviderError } from "#core/errors.ts";
import type { Json, JsonObject } from "#expressions/json.ts";
import { covers } from "../covers.ts";
import type { HttpFailure, HttpRequest } from "../http.ts";
import type { FirstCall } from "../provider.ts";
import type { ActionDefinition } from "./action-shape.ts";
import { addressesOf } from "./addresses-of.ts";
import { allValues, buildRequest } from "./build-request.ts";
import type { Definition } from "./definition.ts";
import { explainFailure } from "./explain-failure.ts";
import { type Answer, gatherPages } from "./pages.ts";
import { itemsIn, outputMapper } from "./read-output.ts";
import { readReply } from "./read-reply.ts";

/** Calls an action, page after page where it has pages, and gives its output: of pages `{ items, more }`. */
export async function runAction(
  definition: Definition,
  action: ActionDefinition,
  call: FirstCall,
  input: JsonObject,
  key: string,
): Promise<Json> {
  const scope = { config: call.config, kept: call.kept, key };
  const request = buildRequest(definition, action, input, scope);
  const ask = (one: HttpRequest) => askProvider(definition, call, one);
  const { pagination } = action;
  const toOutput = outputMapper(action.output);
  if (pagination.kind === "none") return toOutput((await ask(request)).body);
  const addresses = addressesOf(definition, allValues(definition, scope));
  const mayCall = (url: URL) => covers(addresses, url);
  const { items, more } = await gatherPages(pagination, request, ask, { toItem: toOutput, mayCall });
  return { items, more };
}

/**
 * The output of one answer of an action: of a listing, of that page alone. Throws ProviderError where the definition's
 * rules call the answer a failure, and where it does not have the shape that they speak of.
 */
export function readActionOutput(
  definition: Definition,
  action: ActionDefinition,
  answer: HttpFailure & { body: Json },
): Json {
  refuseFailure(definition, answer);
  const { pagination, output } = action;
  const toOutput = outputMapper(output);
  if (pagination.kind === "none") return toOutput(answer.body);
  return { items: itemsIn(pagination.items, answer.body).map(toOutput) };
}

/** Sends one request; an answer that says in its body that it failed has failed. */
export async function askProvider(
  definition: Definition,
  call: FirstCall,
  request: HttpRequest,
): Promise<Answer & { status: number }> {
  const reply = await call.http.stream({ ...request, content: "step" });
  const { status, headers } = reply;
  const body = await readReply(reply);
  refuseFailure(definition, { status, headers, body });
  return { status, headers, body };
}

function refuseFailure(definition: Definition, answer: HttpFailure): void {
  const told = explainFailure(definition, answer, new Date());
  if (!told) return;
  const { kind, message = `${definition.displayName} answered that it could not do this`, retryAt } = told;
  throw new ProviderError(kind, message, retryAt ? { retryAt } : {});
}
