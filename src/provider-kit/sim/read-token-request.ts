import { createHash } from "node:crypto";
import type { Code } from "./oauth-state.ts";
import { paramsInJson } from "./params-in-json.ts";

export function provesChallenge({ challenge, method }: Code, verifier: string | null): boolean {
  if (verifier === null || !/^[A-Za-z0-9\-._~]{43,128}$/.test(verifier)) return false;
  const made = method === "S256" ? createHash("sha256").update(verifier).digest("base64url") : verifier;
  return made === challenge;
}

export function readBasic(header: string | null): { id: string; secret: string } | undefined {
  const encoded = /^Basic ([A-Za-z0-9+/=]+)$/i.exec(header ?? "")?.[1];
  if (encoded === undefined) return undefined;
  const [id = "", ...rest] = Buffer.from(encoded, "base64").toString().split(":");
  return { id: formDecoded(id), secret: formDecoded(rest.join(":")) };
}

/** RFC 6749 2.3.1. What nobody has encoded so is taken as it is. */
function formDecoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return text;
  }
}

/** The parameters of a POST; nothing where they come in another form than this server takes. */
export async function readParams(request: Request, body: "form" | "json"): Promise<URLSearchParams | undefined> {
  if (request.method !== "POST") return undefined;
  const type = request.headers.get("content-type") ?? "";
  const text = await request.text();
  if (body === "form") return type.includes("x-www-form-urlencoded") ? new URLSearchParams(text) : undefined;
  return type.includes("json") ? paramsInJson(text) : undefined;
}
