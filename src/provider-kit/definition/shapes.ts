// Shapes that several parts of a definition share.
import { z } from "zod";
import { headerNamePattern, transportHeaders } from "#core/header-name.ts";
import { ExpressionError } from "#expressions/expression-error.ts";
import { compileJsonPath } from "#expressions/json-path.ts";
import { compileLinearPattern } from "#expressions/linear-pattern.ts";
import type { Place } from "#expressions/place.ts";
import { checkTemplate } from "#expressions/resolve.ts";
import { parseTemplate, placeholdersOf } from "#expressions/template.ts";

export const oneLine = (most: number) =>
  z
    .string()
    .max(most)
    .regex(/^\P{Cc}*$/u, "This is one line of text.");

/** One line of text for people. */
export const line = (most: number) => oneLine(most).trim().min(1);

export const text = (most: number) =>
  z
    .string()
    .max(most)
    .regex(/^[^\0]*$/, "This has a NUL character in it.");

/** What is written as `{name}`. */
export const ident = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,62}$/, "A name is of small letters, digits and _, and begins with a letter.");

/** Headers that the connection, the sign-in or the body decide. */
const reservedHeaders = new Set([...transportHeaders, "authorization", "content-type", "cookie"]);

export const headerToken = z
  .string()
  .max(128)
  .regex(headerNamePattern, "A header's name is of letters, digits and hyphens.");

export const headerName = headerToken.refine(
  (name) => !reservedHeaders.has(name.toLowerCase()),
  "This header is set by the sign-in, the body or the connection.",
);

/** The name of a parameter in a query or a form. */
export const paramName = z
  .string()
  .min(1)
  .max(128)
  .regex(/^\P{Cc}+$/u, "A name is one line of text.");

/** A record that has nothing to do with prototypes, whatever its keys are called. */
export const record = <K extends z.ZodType<string, string>, V extends z.ZodType>(key: K, value: V, most: number) =>
  z
    .record(key, value)
    .refine((entries) => Object.keys(entries).length <= most, `There may be at most ${most} of these.`)
    .refine((entries) => !Object.hasOwn(entries, "__proto__"), "A name cannot be __proto__.");

/** A text in which `{{ workspace.<secret> }}` may stand, and nothing else in braces (SR-25). */
export const templateText = (place: Place) =>
  checked(text(8192), (written) => {
    const template = parseTemplate(written);
    for (const { root } of placeholdersOf(template)) {
      if (root !== "workspace") {
        throw new ExpressionError("template_invalid", "Only {{ workspace.<secret> }} can stand in this text");
      }
    }
    checkTemplate(template, place);
  });

export const jsonPath = checked(z.string().min(1).max(1024), compileJsonPath);
export const pattern = checked(z.string().min(1).max(500), compileLinearPattern);

/** A text that a reader of expressions accepts; what it says otherwise is for the author. */
function checked(type: z.ZodString, read: (text: string) => unknown) {
  return type.superRefine((written, context) => {
    try {
      read(written);
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
      context.addIssue({ code: "custom", message: `${error.message}.` });
    }
  });
}
