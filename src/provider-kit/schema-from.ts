import { z } from "zod";
import type { Schema } from "#core/schema.ts";

/** Lets one Zod type both check a config and describe its form. The description speaks of what a person enters. */
export const schemaFrom = <T>(type: z.ZodType<T>): Schema<T> => ({
  parse: (value) => type.parse(value),
  jsonSchema: z.toJSONSchema(type, { io: "input", target: "draft-2020-12" }),
});
