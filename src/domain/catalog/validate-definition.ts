import { setImmediate } from "node:timers/promises";
import type { z } from "zod";
import { AppError, type FieldError } from "#core/errors.ts";
import { secretLike } from "#core/secret-like.ts";
import { ExpressionError } from "#expressions/expression-error.ts";
import { compileSchema } from "#expressions/json-schema.ts";
import { escapePointer } from "#expressions/template-value.ts";
import { checkUrl } from "#outbound/address.ts";
import type { OutboundPolicy } from "#outbound/policy.ts";
import { sampleOf } from "#provider-kit/definition/address.ts";
import { type Definition, definitionShape } from "#provider-kit/definition/definition.ts";
import { signInUrls } from "#provider-kit/sign-in-urls.ts";

const MOST_ERRORS = 20;
const LONGEST_MS = 20;

/**
 * A definition before it is saved: its shape, its names, the schemas of its inputs, and its addresses as far as they can
 * be judged without asking anybody. Others have their turn in between (SR-72).
 * @throws AppError invalid_request with pointers below /definition
 */
export async function validateDefinition(
  { policy }: { policy: OutboundPolicy },
  written: unknown,
): Promise<Definition> {
  const read = definitionShape.safeParse(written);
  if (!read.success) throw refuse(read.error.issues.flatMap((issue) => toFieldErrors(issue, written)));
  const definition = read.data;
  const errors: FieldError[] = [...refusedAddresses(definition, policy), ...literalSecrets(definition)];
  let since = performance.now();
  for (const [at, action] of definition.actions.entries()) {
    for (const part of ["input", "answer"] as const) {
      const wrong = action[part] === undefined ? undefined : whyNoSchema(action[part]);
      if (wrong === undefined) continue;
      errors.push({ pointer: `/definition/actions/${at}/${part}`, code: "schema_invalid", detail: wrong });
    }
    if (errors.length >= MOST_ERRORS) break;
    if (performance.now() - since > LONGEST_MS) {
      await setImmediate();
      since = performance.now();
    }
  }
  if (errors.length > 0) throw refuse(errors);
  return definition;
}

function refuse(errors: FieldError[]): AppError {
  const [only, more] = errors;
  const detail =
    only && !more ? only.detail : `${Math.min(errors.length, MOST_ERRORS)} fields of the definition are not right.`;
  return new AppError("invalid_request", detail, { errors: errors.slice(0, MOST_ERRORS) });
}

function whyNoSchema(schema: unknown): string | undefined {
  try {
    compileSchema(schema);
    return undefined;
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    return `${error.message}.`;
  }
}

/** What outbound would refuse whatever the connection (SR-14, SR-15); what depends on its values it judges at the call. */
function refusedAddresses(definition: Definition, policy: OutboundPolicy): FieldError[] {
  const addresses: [pointer: string, address: string][] = [
    ["/definition/base_url", definition.baseUrl],
    ...definition.moreAddresses.map((address, at): [string, string] => [`/definition/more_addresses/${at}`, address]),
    ...definition.auth.flatMap((auth, at) =>
      signInUrls(auth).map((address): [string, string] => [`/definition/auth/${at}`, address]),
    ),
  ];
  return addresses.flatMap(([pointer, address]) => {
    try {
      const sample = sampleOf(address, definition.variables);
      if (sample !== undefined) checkUrl(sample, policy);
      return [];
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      return [{ pointer, code: error instanceof AppError ? error.code : "custom", detail: error.message }];
    }
  });
}

/** Whoever may look at a definition would see them: they belong among the workspace's secrets (SR-7, SR-25). */
function literalSecrets({ headers, query, actions }: Definition): FieldError[] {
  const fixed: [pointer: string, values: Readonly<Record<string, unknown>> | undefined][] = [
    ["/definition/headers", headers],
    ["/definition/query", query],
    ...actions.flatMap((action, at): typeof fixed => [
      [`/definition/actions/${at}/headers`, action.headers],
      [`/definition/actions/${at}/query`, action.query],
      [`/definition/actions/${at}/body/fixed`, action.body?.fixed],
    ]),
  ];
  return fixed.flatMap(([pointer, values = {}]) =>
    Object.entries(values).flatMap(([name, value]) => {
      const found = typeof value === "string" ? secretLike(value, name) : undefined;
      if (found === undefined) return [];
      const detail = `This looks like ${found}. Keep it as a workspace secret, and write {{workspace.its_name}} here.`;
      return [{ pointer: `${pointer}/${escapePointer(name)}`, code: "secret_refused", detail }];
    }),
  );
}

function toFieldErrors(issue: z.core.$ZodIssue, written: unknown): FieldError[] {
  const path = ["definition", ...issue.path.map(String)];
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({
      pointer: toPointer([...path, key]),
      code: "unknown",
      detail: "There is no such field.",
    }));
  }
  return [{ pointer: toPointer(path), code: issue.code, detail: wordsFor(issue, written) }];
}

/** What the shape says itself is said; the words of the library are not ours (SR-77). */
function wordsFor(issue: z.core.$ZodIssue, written: unknown): string {
  const value = issue.path.reduce<unknown>(
    (at, name) =>
      typeof at === "object" && at !== null ? Object.entries(at).find(([key]) => key === String(name))?.[1] : undefined,
    written,
  );
  if (value === undefined) return "This is missing.";
  switch (issue.code) {
    case "custom":
      return issue.message;
    case "invalid_format":
      return issue.format === "regex" ? issue.message : "This has the wrong form.";
    case "invalid_type":
      return `This has to be ${/^[aeiou]/.test(issue.expected) ? "an" : "a"} ${issue.expected}.`;
    case "invalid_value":
      return `This has to be one of ${issue.values.map(String).join(", ")}.`;
    case "invalid_union":
      return "discriminator" in issue && typeof issue.discriminator === "string"
        ? `There is no "${issue.discriminator}" of this name.`
        : "This has none of the forms that it can have.";
    case "too_small":
      return `This has to be at least ${issue.minimum}.`;
    case "too_big":
      return `This may be at most ${issue.maximum}.`;
    default:
      return "This is not right.";
  }
}

const toPointer = (path: readonly string[]): string => path.map((part) => `/${escapePointer(part)}`).join("");
