// What a backup holds, file by file. Written last: a backup without it is not one.
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";

const safePath = z
  .string()
  .refine(
    (path) => !path.startsWith("/") && path.split("/").every((part) => part !== "" && part !== ".." && part !== "."),
  );

const manifest = z.object({
  format: z.literal(1),
  madeAt: z.iso.datetime(),
  /** Major version of PostgreSQL. Its files are read by the same one only. */
  postgres: z.number().int(),
  /** Relative to the folder `postgres` of the backup, as is the path of each file. */
  folders: z.array(safePath),
  files: z.array(z.object({ path: safePath, bytes: z.number().int().nonnegative(), sha256: z.hash("sha256") })),
});

export type BackupManifest = z.infer<typeof manifest>;

/** The folder with PostgreSQL's files inside a backup. */
export const filesFolder = (backup: string) => join(backup, "postgres");

export const manifestFile = (backup: string) => join(backup, "manifest.json");

/** Its checksum, in the form that `sha256sum --check` reads. */
export const checksumFile = (backup: string) => join(backup, "manifest.json.sha256");

export function printManifest(of: BackupManifest): { text: string; checksum: string } {
  const text = `${JSON.stringify(of, null, 1)}\n`;
  return { text, checksum: `${sha256(text)}  manifest.json\n` };
}

/** @throws Error that says what is wrong with the backup */
export async function readManifest(backup: string): Promise<BackupManifest> {
  const [text, checksum] = await Promise.all(
    [manifestFile(backup), checksumFile(backup)].map((file) => readFile(file, "utf8")),
  ).catch(() => [undefined, undefined]);
  if (text === undefined || checksum === undefined) {
    throw new Error(
      `${backup} is not a whole backup: its manifest is missing. It was cut short, or is something else.`,
    );
  }
  if (checksum.split(" ")[0] !== sha256(text)) {
    throw new Error(`The manifest of ${backup} has been changed or damaged: its checksum does not fit.`);
  }
  return manifest.parse(JSON.parse(text));
}

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
