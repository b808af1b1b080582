import { expect, it } from "vitest";
import { z } from "zod";
import { AppError } from "#core/errors.ts";
import type { Provider } from "#provider-kit/provider.ts";
import { schemaFrom } from "#provider-kit/schema-from.ts";
import { validateConfig } from "./validate-config.ts";

it("SR-77 says what is wrong with a config in our words or the provider's, never in those of a library", () => {
  const config = schemaFrom(
    z.strictObject({
      root: z.enum(["documents"]),
      depth: z.number().max(3),
      path: z.string().refine((path) => !path.includes(".."), { error: "Enter a path without dots." }),
    }),
  );
  const provider = { key: "p", config } as unknown as Provider;
  const wrong = { depth: 9, path: "..", extra: "secret value" };
  const tried = () => validateConfig(provider, wrong);
  expect(tried).toThrow(AppError);
  try {
    tried();
  } catch (failure) {
    const { errors } = failure as AppError;
    expect(errors.map(({ pointer, detail }) => [pointer, detail])).toEqual([
      ["/config/root", "This is missing."],
      ["/config/depth", "This is not a value that it can have."],
      ["/config/path", "Enter a path without dots."],
      ["/config/extra", "There is no such field."],
    ]);
  }
});
