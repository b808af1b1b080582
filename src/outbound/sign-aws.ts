// AWS Signature Version 4, as S3 wants it: https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
import { createHash, createHmac } from "node:crypto";

export interface AwsRequest {
  method: string;
  url: URL;
  headers: Readonly<Record<string, string>>;
  /** Absent for none; a stream cannot be hashed before it is sent. */
  body?: string | Uint8Array | "stream" | undefined;
}

export interface AwsKey {
  id: string;
  secret: string;
  region: string;
  service: string;
}

const UNSIGNED = "UNSIGNED-PAYLOAD";

/** The headers with the signature. Under https the payload is not hashed: the connection itself protects it. */
export function signAws({ method, url, headers, body }: AwsRequest, key: AwsKey, now: Date): Record<string, string> {
  const time = now.toISOString().replace(/[-:]|\.\d{3}/g, "");
  const isHashed = url.protocol === "http:" && !(body === "stream");
  const payload = isHashed ? hex(body ?? "") : UNSIGNED;
  const all: Record<string, string> = { ...headers, "x-amz-date": time, "x-amz-content-sha256": payload };
  const toSign = [
    ["host", url.host],
    ...Object.entries(all).flatMap(([name, value]) => {
      const lower = name.toLowerCase();
      return lower.startsWith("x-amz-") ? [[lower, value.trim().replace(/ +/g, " ")]] : [];
    }),
  ].sort(([one = ""], [other = ""]) => order(one, other));
  const names = toSign.map(([name]) => name).join(";");
  const canonical = [
    method,
    url.pathname
      .split("/")
      .map((segment) => encode(decode(segment)))
      .join("/"),
    [...url.searchParams]
      .map(([name, value]) => [encode(name), encode(value)] as const)
      .sort(([one, value], [other, otherValue]) => order(one, other) || order(value, otherValue))
      .map(([name, value]) => `${name}=${value}`)
      .join("&"),
    ...toSign.map(([name, value]) => `${name}:${value}`),
    "",
    names,
    payload,
  ].join("\n");
  const scope = [time.slice(0, 8), key.region, key.service, "aws4_request"];
  const text = ["AWS4-HMAC-SHA256", time, scope.join("/"), hex(canonical)].join("\n");
  const signingKey = scope.reduce<Buffer>(
    (secret, part) => createHmac("sha256", secret).update(part).digest(),
    Buffer.from(`AWS4${key.secret}`),
  );
  const signature = createHmac("sha256", signingKey).update(text).digest("hex");
  const authorization = `AWS4-HMAC-SHA256 Credential=${key.id}/${scope.join("/")}, SignedHeaders=${names}, Signature=${signature}`;
  return { ...all, authorization };
}

/** By code points, whatever the language. */
const order = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);

const hex = (bytes: string | Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

const decode = (segment: string): string => {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
};

/** All but the unreserved characters of RFC 3986. */
const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
