import { z } from "zod";
import { AppError, invalidField, notFound } from "#core/errors.ts";
import { isUuid } from "#core/ids.ts";
import { id, type Route } from "./contract/route.ts";
import type { Identified } from "./identify.ts";
import { parseInput } from "./problem.ts";
import { isKeepable, parseStrictJson } from "./strict-json.ts";

const MEBIBYTE = 1024 * 1024;

/**
 * A change that a browser asks for has to come from our own pages (SR-45).
 *
 * @throws AppError `origin_refused`, `unsupported_media_type`
 */
export function refuseForgery(route: Route, who: Identified, headers: Headers, own: ReadonlySet<string>): void {
  if (route.method === "GET") return;
  const origin = headers.get("origin");
  if (who.kind === "person") {
    if (origin === null || !own.has(origin)) throw originRefused(own);
    if (headers.get("x-requested-with") !== "portal") {
      throw new AppError("origin_refused", "A change with a session needs the header X-Requested-With: portal.");
    }
    refuseOtherThanJson(headers);
  }
  // Nobody is signed in: then it may be about to sign somebody in, which no other site may do for them.
  if (who.kind === "nobody" && origin !== null && !own.has(origin)) throw originRefused(own);
}

const originRefused = (own: ReadonlySet<string>) =>
  new AppError("origin_refused", `Changes have to come from ${[...own][0]}. Is this the address that you opened?`);

function refuseOtherThanJson(headers: Headers): void {
  const type = (headers.get("content-type") ?? "").split(";")[0]?.trim().toLowerCase();
  if (type !== "application/json") {
    throw new AppError("unsupported_media_type", "The content type has to be application/json.");
  }
}

/** @throws AppError `not_found` for what nothing can be called */
export function readParams(route: Route, params: Record<string, string>): unknown {
  if (!route.params) return undefined;
  const shape: Record<string, unknown> = route.params instanceof z.ZodObject ? route.params.shape : {};
  if (!Object.entries(params).every(([name, value]) => shape[name] !== id || isUuid(value))) throw notFound();
  const read = route.params.safeParse(params);
  if (!read.success || !Object.values(params).every(isKeepable)) throw notFound();
  return read.data;
}

/** @throws AppError `invalid_request` */
export function readQuery(route: Route, search: URLSearchParams): unknown {
  const query: Record<string, string> = Object.create(null);
  for (const [key, value] of search) {
    if (key in query) throw invalidField(`/${key}`, "This may be there once.", "repeated");
    if (!isKeepable(key) || !isKeepable(value)) throw invalidField(`/${key}`, "This has a NUL character in it.");
    query[key] = value;
  }
  if (route.query) return parseInput(route.query, { ...query }, "query");
  const [unknown] = Object.keys(query);
  if (unknown !== undefined) throw invalidField(`/${unknown}`, "There is no such field.", "unknown");
  return undefined;
}

/** @throws AppError `body_too_large`, `unsupported_media_type`, `invalid_json`, `invalid_request` */
export async function readBody(route: Route, request: Request): Promise<{ body: unknown; text: string }> {
  if (route.method === "GET") return { body: undefined, text: "" };
  const bytes = await readLimited(request, route.maxBodyBytes ?? MEBIBYTE);
  if (!route.body) {
    // Clients that always send a body send an empty object.
    const text = new TextDecoder().decode(bytes).trim();
    if (text !== "" && text !== "{}") throw new AppError("invalid_request", "This takes no body.");
    return { body: undefined, text: "" };
  }
  refuseOtherThanJson(request.headers);
  return { body: parseInput(route.body, parseStrictJson(bytes), "body"), text: new TextDecoder().decode(bytes) };
}

/** @throws AppError `body_too_large` */
export async function readLimited(request: Request, most: number): Promise<Uint8Array> {
  const announced = request.headers.get("content-length");
  if (announced !== null && Number(announced) > most) throw tooLarge(most);
  if (!request.body) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body) {
    size += chunk.byteLength;
    if (size > most) throw tooLarge(most);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const tooLarge = (most: number) =>
  new AppError(
    "body_too_large",
    `The body may have at most ${most < MEBIBYTE ? `${most / 1024} KiB` : `${Math.floor(most / MEBIBYTE)} MiB`}.`,
  );
