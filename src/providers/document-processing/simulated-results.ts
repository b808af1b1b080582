import { signedHeaders } from "#provider-kit/webhook-message.ts";

/** What a pretend receiver reports of a document, signed as it is told to. */
export function reportTo(
  { url, secret }: { url: string; secret: string },
  about: { tenant: string; id: string; at: Date; report: object; claims?: string },
): Request {
  const { tenant, id, at, report, claims = tenant } = about;
  const payload = JSON.stringify({ tenant_id: tenant, ...report });
  return new Request(url, {
    method: "POST",
    headers: { "content-type": "application/json", "x-tenant-id": claims, ...signedHeaders(secret, id, at, payload) },
    body: payload,
  });
}
