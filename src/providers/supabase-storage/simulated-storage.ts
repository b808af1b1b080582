import type { Beginning } from "./tus.ts";

/** What a pretend project has stored. */
export interface Stored {
  id: string;
  version: number;
  bytes: Uint8Array;
  mediaType: string;
  cacheControl: string;
  metadata: Record<string, unknown>;
  at: Date;
}

export interface Bucket {
  name: string;
  isPublic: boolean;
  sizeLimit: number | undefined;
  /** `image/*` stands for all of them. */
  mediaTypes: readonly string[] | undefined;
  objects: Map<string, Stored>;
}

export interface Resumable extends Omit<Beginning, "metadata"> {
  metadata: Record<string, unknown>;
  received: Uint8Array[];
  offset: number;
  endsAt: number;
}

export class SimulatedStorage {
  readonly buckets = new Map<string, Bucket>();
  readonly uploads = new Map<string, Resumable>();
  /** All buckets together. */
  mostBytes = 512 * 1024 * 1024;
  isReadOnly = false;
  #count = 0;

  add(name: string, options: { isPublic?: boolean; sizeLimit?: number; mediaTypes?: readonly string[] } = {}): Bucket {
    const { isPublic = false, sizeLimit, mediaTypes } = options;
    const bucket: Bucket = { name, isPublic, sizeLimit, mediaTypes, objects: new Map() };
    this.buckets.set(name, bucket);
    return bucket;
  }

  /** The refusal, or nothing. */
  refusal(bucket: Bucket, size: number, mediaType: string): Refusal | undefined {
    if (this.isReadOnly) return refusals.readOnly;
    if (bucket.sizeLimit !== undefined && size > bucket.sizeLimit) return refusals.tooLarge;
    const isTaken = bucket.mediaTypes?.some((one) =>
      one.endsWith("/*") ? mediaType.startsWith(one.slice(0, -1)) : one === mediaType,
    );
    if (isTaken === false) return refusals.mediaType;
    if (this.used + size > this.mostBytes) return refusals.quota;
    return undefined;
  }

  get used(): number {
    let bytes = 0;
    for (const { objects } of this.buckets.values())
      for (const object of objects.values()) bytes += object.bytes.length;
    return bytes;
  }

  store(bucket: Bucket, name: string, object: Omit<Stored, "id" | "version">): Stored {
    const before = bucket.objects.get(name);
    const stored = { ...object, id: before?.id ?? this.nextId(), version: (before?.version ?? 0) + 1 };
    bucket.objects.set(name, stored);
    return stored;
  }

  nextId(): string {
    this.#count += 1;
    return `00000000-0000-4000-8000-${this.#count.toString(16).padStart(12, "0")}`;
  }
}

export interface Refusal {
  statusCode: string;
  code: string;
  error: string;
  message: string;
}

const refusal = (statusCode: number, code: string, error: string, message: string): Refusal => ({
  statusCode: String(statusCode),
  code,
  error,
  message,
});

export const refusals = {
  noBucket: refusal(404, "NoSuchBucket", "Bucket not found", "Bucket not found"),
  noKey: refusal(404, "NoSuchKey", "not_found", "Object not found"),
  duplicate: refusal(409, "KeyAlreadyExists", "Duplicate", "The resource already exists"),
  bucketExists: refusal(409, "BucketAlreadyExists", "Duplicate", "The resource already exists"),
  notEmpty: refusal(409, "InvalidRequest", "InvalidRequest", "The bucket you tried to delete is not empty"),
  key: refusal(400, "InvalidKey", "InvalidKey", "Invalid key"),
  tooLarge: refusal(413, "EntityTooLarge", "Payload too large", "The object exceeded the maximum allowed size"),
  mediaType: refusal(415, "InvalidMimeType", "invalid_mime_type", "mime type is not supported"),
  quota: refusal(402, "InsufficientStorage", "exceed_storage_size_quota", "The project exceeds its storage quota"),
  readOnly: refusal(503, "DatabaseReadOnly", "DatabaseReadOnly", "cannot execute INSERT in a read-only transaction"),
  jwt: refusal(403, "AccessDenied", "Unauthorized", "Invalid Compact JWS"),
  request: refusal(400, "InvalidRequest", "InvalidRequest", "The request is not valid"),
  signature: refusal(400, "InvalidSignature", "InvalidSignature", "The signature is not valid"),
} as const;

/** Names of objects are ASCII, and not all of it. */
export const isKey = (name: string): boolean => /^[A-Za-z0-9_/!.*'() &$@=;:+,?-]{1,1000}$/.test(name);
