/** Puts a credential on a request: the only place where one leaves the vault's wrapping. */
import { createHash, createHmac } from "node:crypto";
import { AppError } from "#core/errors.ts";
import { reveal, type Secret } from "#vault/reveal.ts";
import { signAws } from "./sign-aws.ts";

/** A secret, where in a request it stands, and where it may be sent (SR-6). */
export interface Credential {
  secret: Secret;
  /** Exact origins: scheme, host and port, as `URL.origin` writes them. */
  origins: readonly string[];
  place: CredentialPlace;
}

export type CredentialPlace =
  | { kind: "bearer" }
  /** The secret is the password. Where the key is the user name, that is a secret as well. */
  | { kind: "basic"; userName: string | Secret }
  /** `prefix` stands before the value, with a space between them when it has one at its end. */
  | { kind: "header"; name: string; prefix?: string; alsoBearer?: boolean }
  | { kind: "query"; name: string }
  /** Not sent: it signs id, time and payload (Standard Webhooks 1.0). While it is being replaced both secrets do. */
  | { kind: "webhook-signature"; previous?: Secret | undefined }
  /** Not sent: it signs the request (AWS Signature Version 4). */
  | { kind: "aws-signature"; keyId: string | Secret; region: string; service: string }
  /** Not sent: it makes the one text of a tenant. */
  | {
      kind: "tenant-signature";
      tenant: string;
      formula: "sha256-concat" | "hmac-sha256";
      key: "text" | "hex";
      tenantHeader: string;
      signatureHeader: string;
    };

/** What a signature is over: the id that is the same at every attempt, and the exact text that is sent. */
export interface SignedMessage {
  id: string;
  payload: string;
}

/**
 * The request with its credential. Throws AppError `secret_origin_denied` for an origin that is not on the
 * credential's list; nothing has been sent or resolved by then.
 */
export function signRequest(
  request: {
    url: URL;
    headers: Readonly<Record<string, string>>;
    message?: SignedMessage | undefined;
    method?: string;
    body?: string | Uint8Array | "stream" | undefined;
  },
  { secret, origins, place }: Credential,
  now: Date = new Date(),
): { url: URL; headers: Record<string, string> } {
  if (!origins.includes(request.url.origin)) {
    throw new AppError("secret_origin_denied", "This credential may not be sent to this address.");
  }
  const url = new URL(request.url);
  const value = reveal(secret);
  switch (place.kind) {
    case "bearer":
      return { url, headers: withHeader(request.headers, "authorization", `Bearer ${value}`) };
    case "basic": {
      const userName = typeof place.userName === "string" ? place.userName : reveal(place.userName);
      if (userName.includes(":")) throw unusable("A user name must not contain a colon.");
      const pair = new TextEncoder().encode(`${userName}:${value}`).toBase64();
      return { url, headers: withHeader(request.headers, "authorization", `Basic ${pair}`) };
    }
    case "header": {
      const headers = withHeader(request.headers, place.name, `${place.prefix ?? ""}${value}`);
      return { url, headers: place.alsoBearer ? withHeader(headers, "authorization", `Bearer ${value}`) : headers };
    }
    case "query":
      url.searchParams.set(place.name, value);
      return { url, headers: { ...request.headers } };
    case "webhook-signature": {
      const timestamp = Math.floor(now.getTime() / 1000);
      const text = signedText(request.message, timestamp);
      const keys = [value, ...(place.previous ? [reveal(place.previous)] : [])];
      const signatures = keys.map((key) => `v1,${createHmac("sha256", webhookKey(key)).update(text).digest("base64")}`);
      const signed = { "webhook-timestamp": String(timestamp), "webhook-signature": signatures.join(" ") };
      return { url, headers: { ...request.headers, "webhook-id": request.message?.id ?? "", ...signed } };
    }
    case "aws-signature": {
      const { method = "GET", headers, body } = request;
      const id = typeof place.keyId === "string" ? place.keyId : reveal(place.keyId);
      if (!/^[\x21-\x2b\x2d\x2e\x30-\x7e]+$/.test(id)) throw unusable("The access key id has other characters.");
      const key = { id, secret: value, region: place.region, service: place.service };
      return { url, headers: signAws({ method, url, headers, body }, key, now) };
    }
    case "tenant-signature": {
      const { tenant, formula, tenantHeader, signatureHeader } = place;
      const key = place.key === "hex" ? Buffer.from(value, "hex") : Buffer.from(value);
      const signature =
        formula === "sha256-concat"
          ? createHash("sha256").update(tenant).update(key).digest("hex")
          : createHmac("sha256", key).update(tenant).digest("hex");
      return { url, headers: { ...request.headers, [tenantHeader]: tenant, [signatureHeader]: signature } };
    }
  }
}

/** The dots between the parts are safe because neither id nor time can have one. */
function signedText(message: SignedMessage | undefined, timestamp: number): string {
  if (!message) throw unusable("This connection signs messages. A request by hand is none.");
  if (!/^[A-Za-z0-9_-]{1,128}$/.test(message.id)) throw unusable("The id of a message has other characters.");
  return `${message.id}.${timestamp}.${message.payload}`;
}

function webhookKey(secret: string): Buffer {
  const encoded = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret)?.[1];
  if (encoded === undefined) throw unusable("The secret is not one that can sign: it is whsec_ and base64.");
  return Buffer.from(encoded, "base64");
}

/** Replaces the header in whatever case it was written: two of one name would leave it to the server which counts. */
function withHeader(headers: Readonly<Record<string, string>>, name: string, value: string): Record<string, string> {
  // Anything else would be refused later, by an error that has the value in it.
  if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(value))
    throw unusable("The credential has characters that no header can carry.");
  const others = Object.entries(headers).filter(([other]) => other.toLowerCase() !== name.toLowerCase());
  return { ...Object.fromEntries(others), [name]: value };
}

const unusable = (message: string) => new AppError("invalid_request", message);
