import { XMLParser } from "fast-xml-parser";
import { z } from "zod";

// Texts stay texts: a key or an ETag may look like a number, and a key may end with a space.
const parser = new XMLParser({
  parseTagValue: false,
  trimValues: false,
  ignoreAttributes: true,
  ignoreDeclaration: true,
  // A document may define some of its own. Those of XML itself are read here.
  processEntities: false,
  tagValueProcessor: (_, text) => text.replace(reference, readReference),
});

const reference = /&(?:#(\d{1,7})|#x([\da-f]{1,6})|(amp|apos|gt|lt|quot));/gi;
const named: Readonly<Record<string, string>> = { amp: "&", apos: "'", gt: ">", lt: "<", quot: '"' };

function readReference(whole: string, decimal?: string, hexadecimal?: string, name?: string): string {
  if (name !== undefined) return named[name] ?? whole;
  const code = decimal === undefined ? Number.parseInt(hexadecimal ?? "", 16) : Number(decimal);
  return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
}

/** An answer of S3 as an object. Throws where it is not XML. */
export const readXml = (text: string): unknown => parser.parse(text, true);

/** One or several of a sort are an element or a list of them. */
const listOf = <T>(item: z.ZodType<T>) =>
  z.preprocess(
    (value) => (value === undefined || value === "" ? [] : Array.isArray(value) ? value : [value]),
    z.array(item),
  );

const flag = z.literal("true").optional().catch(undefined);

export const errorReply = z.object({
  Error: z.object({
    Code: z.string().max(100),
    Message: z.string().optional().catch(undefined),
    Region: z
      .string()
      .regex(/^[a-z0-9-]{2,40}$/)
      .optional()
      .catch(undefined),
  }),
});

export const listReply = z.object({
  ListBucketResult: z.object({
    IsTruncated: flag,
    NextContinuationToken: z.string().optional(),
    Contents: listOf(z.object({ Key: z.string(), Size: z.coerce.number().int() })),
  }),
});

export const uploadsReply = z.object({
  ListMultipartUploadsResult: z.object({
    IsTruncated: flag,
    NextKeyMarker: z.string().optional(),
    NextUploadIdMarker: z.string().optional(),
    Upload: listOf(z.object({ Key: z.string(), UploadId: z.string(), Initiated: z.coerce.date() })),
  }),
});

export const begunReply = z.object({ InitiateMultipartUploadResult: z.object({ UploadId: z.string().min(1) }) });

export const copiedPartReply = z.object({ CopyPartResult: z.object({ ETag: z.string().min(1) }) });

export const inXml = (text: string): string => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
