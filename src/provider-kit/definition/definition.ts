import { z } from "zod";
import { actionShape, fixedHeaders, fixedQuery, path } from "./action-shape.ts";
import { authShape } from "./auth-shape.ts";
import { camelKeys } from "./camel-keys.ts";
import { contradictionsIn } from "./contradictions.ts";
import { headerToken, ident, jsonPath, line, pattern } from "./shapes.ts";
import { variableShape } from "./variables.ts";

const MOST_ACTIONS = 2000;

const url = z.string().min(1).max(2048);

const kept = z
  .strictObject({ name: ident, from: jsonPath, pattern, optional: z.boolean().exactOptional() })
  .transform(camelKeys);

/** A request right after connecting, whose answer tells what later calls need. */
const lookup = z
  .strictObject({
    method: z.enum(["GET", "POST"]).default("GET"),
    /** A path below the base address, or a whole address on one of `more_addresses`. */
    url,
    keep: z.array(kept).min(1).max(20),
  })
  .transform(camelKeys);

const check = z
  .strictObject({
    method: z.enum(["GET", "POST"]).default("GET"),
    path,
    /** Which answers mean that it works; every 2xx unless said. */
    expected_status: z.array(z.int().min(200).max(299)).min(1).max(10).exactOptional(),
    /** The address stands for the account where the answer does not tell it. */
    account: z.strictObject({ id: jsonPath, label: jsonPath.exactOptional() }).exactOptional(),
  })
  .transform(camelKeys);

const failureRule = z
  .strictObject({
    status: z.array(z.int().min(200).max(599)).min(1).max(50).exactOptional(),
    /** What stands here in the answer … */
    at: jsonPath.exactOptional(),
    /** … is this, or holds this text; otherwise it only has to be there. */
    equals: z.union([z.string().max(512), z.number(), z.boolean(), z.null()]).exactOptional(),
    contains: line(256).exactOptional(),
    means: z.enum(["reauthorize", "forbidden", "not_found", "rejected", "rate_limited", "unavailable"]),
  })
  .refine(
    (rule) => rule.status !== undefined || rule.at !== undefined,
    "A rule looks at the status or into the answer.",
  )
  .refine((rule) => rule.at !== undefined || (rule.equals === undefined && rule.contains === undefined), {
    error: "Say where in the answer this stands.",
    path: ["at"],
  });

export type FailureRule = z.output<typeof failureRule>;

const waiting = z.strictObject({
  header: headerToken,
  /** Decided by size where it is not said: 30 are seconds, 1767225600 a time, 1767225600000 one in milliseconds. */
  unit: z.enum(["s", "ms"]).exactOptional(),
});

const members = z.strictObject({
  display_name: line(100),
  description: line(500).default("A provider of this workspace's own"),
  base_url: url,
  /** Other addresses that calls, lookups and links to next pages may go to. */
  more_addresses: z.array(url).max(10).default([]),
  variables: z.array(variableShape).max(20).default([]),
  auth: z.array(authShape).min(1).max(8),
  /** What to do at the provider before the first sign-in; `{redirect_uri}` stands for ours. */
  steps: z.array(line(500)).max(20).default([]),
  headers: fixedHeaders.default({}),
  query: fixedQuery.default({}),
  lookups: z.array(lookup).max(5).default([]),
  check: check.exactOptional(),
  errors: z.array(failureRule).max(50).default([]),
  /** Where a failure's answer says in words what is wrong. */
  error_message: jsonPath.exactOptional(),
  retry: z
    .strictObject({
      /** Headers that tell how long to wait, beside Retry-After. */
      wait_for: z.array(waiting).max(10).default([]),
      /** Headers that tell until when. */
      wait_until: z.array(waiting).max(10).default([]),
    })
    .transform(camelKeys)
    .exactOptional(),
  pace: z
    .strictObject({ requests_per_second: z.number().min(0.01).max(1000), at_once: z.int().min(1).max(100) })
    .transform(camelKeys)
    .exactOptional(),
  actions: z.array(actionShape).max(MOST_ACTIONS).default([]),
});

/** A custom provider as its author wrote it, in JSON, checked in all that can be known without asking anybody. */
export const definitionShape = members
  .superRefine((definition, context) => {
    for (const { at, message } of contradictionsIn(definition)) {
      context.addIssue({ code: "custom", path: [...at], message });
    }
  })
  .transform(camelKeys);

export type Definition = z.output<typeof definitionShape>;
