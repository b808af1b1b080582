import { z } from "zod";
import { schemaFrom } from "#provider-kit/schema-from.ts";
import { type RawName, rawNameOf } from "./name.ts";

export interface Config {
  /** The name of a root that the operator opened. */
  root: string;
  /** A folder below it, with `/` between the names; the whole root when absent. */
  path?: string | undefined;
}

/** What a person chooses: one of the operator's roots, and a folder below it. */
export const configFor = (roots: ReadonlyMap<string, string>) =>
  schemaFrom<Config>(
    z.strictObject({
      root: rootAmong([...roots.keys()]).meta({
        title: "Folder",
        description: "The folders that were opened to Hawser by whoever runs it.",
      }),
      path: z
        .string()
        .max(4096)
        .refine((path) => path === "" || path.split("/").every(isOrdinary), {
          error: "Enter folder names with / between them, without . or .. and without a / at either end.",
        })
        .optional()
        .meta({ title: "Subfolder", description: "Only this folder below it, such as Engineering/Manuals." }),
    }),
  );

function rootAmong(names: string[]): z.ZodType<string> {
  const [first, ...rest] = names;
  if (first !== undefined) return z.enum([first, ...rest]);
  return z.string().refine(() => false, { error: "No folder is open to Hawser. Whoever runs it can name some." });
}

export const namesIn = (path: string): RawName[] => (path === "" ? [] : path.split("/").map(rawNameOf));

const isOrdinary = (name: string): boolean => name !== "" && name !== "." && name !== ".." && !name.includes("\0");
