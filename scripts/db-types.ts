import { PostgresDialect as Connections, Kysely } from "kysely";
import { generate, PostgresDialect } from "kysely-codegen";
import pg from "pg";

/** The types of our tables as they are in a migrated database: the text of src/db/types.ts. */
export async function dbTypes(ownerUrl: string): Promise<string> {
  const db = new Kysely<unknown>({
    dialect: new Connections({ pool: new pg.Pool({ connectionString: ownerUrl, max: 1 }) }),
  });
  try {
    return await generate({
      db,
      dialect: new PostgresDialect({ defaultSchemas: ["hawser"] }),
      defaultSchemas: ["hawser"],
      includePattern: "{hawser,identity}.*",
      excludePattern: "hawser.migrations",
    });
  } finally {
    await db.destroy();
  }
}
